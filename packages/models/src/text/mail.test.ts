import { expect, test } from 'vitest';
import { readMail } from './mail.js';

const mail = (...lines: string[]): string => lines.join('\n');

test('headers other than the subject are gone', () => {
  const raw = mail(
    'From x@y  Thu Aug 22 12:36:23 2002',
    'Received: from a',
    '\tby b',
    'Subject: New',
    ' Sequences',
    'List-Id: <fork>',
    '',
    'Hello',
    '',
    'there',
  );
  expect(readMail(raw)).toEqual({ subject: 'New Sequences', body: 'Hello\n\nthere' });
});

test('encoded words of a subject are read', () => {
  const raw = mail('Subject: =?iso-8859-1?Q?Gr=FC=DFe?= =?utf-8?B?IGFuIGFsbGU=?=', '', 'x');
  expect(readMail(raw).subject).toBe('Grüße an alle');
});

test('of alternatives the first with text is kept', () => {
  const raw = mail(
    'Content-Type: multipart/alternative; boundary="b 1"',
    '',
    'preamble',
    '--b 1',
    'Content-Type: text/plain',
    '',
    'plain',
    '--b 1',
    'Content-Type: text/html',
    '',
    '<p>rich</p>',
    '--b 1--',
    'footer',
  );
  expect(readMail(raw).body).toBe('plain');
});

test('attachments are left out, forwarded mails keep subject and text', () => {
  const raw = mail(
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    '',
    'see below',
    '--b',
    'Content-Type: image/gif',
    'Content-Transfer-Encoding: base64',
    '',
    'R0lGOD',
    '--b',
    'Content-Type: message/rfc822',
    '',
    'From: someone',
    'Subject: Inner',
    '',
    'inner text',
    '--b--',
  );
  expect(readMail(raw).body).toBe('see below\nInner\ninner text');
});

test('quoted-printable and base64 are decoded in their character set', () => {
  const quoted = mail(
    'Content-Type: text/plain; charset="iso-8859-1"',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'caf=E9 =',
    'ol=E9',
  );
  expect(readMail(quoted).body).toBe('café olé');
  const coded = mail(
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from('größer').toString('base64'),
  );
  expect(readMail(coded).body).toBe('größer');
});

test('HTML becomes what is seen', () => {
  const raw = mail(
    'Content-Type: text/html',
    '',
    '<html><head><title>t</title></head><style>p{}</style><body><p>A&nbsp;&amp;&#66;<br>C<!-- no --></p><script>x()</script></body></html>',
  );
  expect(readMail(raw).body).toBe('A &B\nC');
});

test('a mail cut short inside a part keeps what is there', () => {
  const raw = mail('Content-Type: multipart/mixed; boundary=b', '', '--b', '', 'half a sen');
  expect(readMail(raw).body).toBe('half a sen');
});

test('lost characters and control characters are gone', () => {
  expect(readMail('Subject: a\n\nx\uFFFDy\u0007 \u00a0 z').body).toBe('xy z');
});
