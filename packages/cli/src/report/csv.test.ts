import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildReport } from './build-report.js';
import { field, renderCsv } from './csv.js';
import { inventedRun } from './invented-run.test.helper.js';

test('any field comes back from a reader of CSV', () => {
  const fields = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 2, maxLength: 5 });
  fc.assert(
    fc.property(fields, (values) => {
      const [row] = parse(`${values.map(field).join(',')}\r\n`, { relax_column_count: true });
      expect(row).toEqual(values);
    }),
  );
});

test('every figure is a line, with full precision', () => {
  const report = buildReport(inventedRun());
  const rows: readonly { readonly [column: string]: string }[] = parse(renderCsv(report), {
    columns: true,
  });
  const figures = report.cells.flatMap(({ metrics }) =>
    Object.values(metrics).flatMap((figure) => figure.variants ?? [figure]),
  );
  expect(rows.map(({ value }) => Number(value))).toEqual(figures.map(({ value }) => value));
  expect(
    rows.find(
      ({ pipeline, attack, metric }) =>
        pipeline === 'dp-512' && attack === 'vmi' && metric === 'positional-accuracy',
    ),
  ).toMatchObject({
    at_least: 'true',
    text: 'at least; the attack did not converge',
  });
});

test('splits have a column of their own', () => {
  expect(renderCsv(buildReport(inventedRun()))).toContain(
    'chat,,causal-inversion,,60,generate,positional-accuracy,1,',
  );
});
