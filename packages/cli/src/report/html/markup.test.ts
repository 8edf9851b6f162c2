import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escaped, html, prose, trusted } from './markup.js';

test('no text opens a tag, ends an attribute or is left ill-formed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const safe = escaped(text);
      expect(safe).not.toMatch(/[<>"']/);
      expect(safe.isWellFormed()).toBe(true);
      expect(safe.replace(/&(amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
    }),
  );
});

test('ordinary text comes back from its escaped form', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
      const back = escaped(text)
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll('&#39;', "'")
        .replaceAll('&amp;', '&');
      expect(back).toBe(text);
    }),
  );
});

test('control characters are shown as pictures', () => {
  expect(escaped('a\u0000b\u007fc\u0085')).toBe('a␀b␡c\ufffd');
});

test('what is put into a template is escaped unless it is markup', () => {
  expect(
    html`<p title="${'"'}">${'<b>'}${html`<i>${1}</i>`}${false}${undefined}${['&', trusted('<hr>')]}</p>`
      .text,
  ).toBe('<p title="&quot;">&lt;b&gt;<i>1</i>&amp;<hr></p>');
});

test('code and figures of a sentence are marked, the rest is text', () => {
  expect(prose('`a<b` reads **93.2 %** of <all>').text).toBe(
    '<code>a&lt;b</code> reads <strong>93.2\u00a0%</strong> of &lt;all&gt;',
  );
});
