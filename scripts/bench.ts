// Measures speed: `npm run bench -- NAME [--json] [--threads 2] [--repeat 5]`. Each variant runs in a process of its own,
// so that its memory is its own, and gives one line. docs/performance.md holds what came out.
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { checkVariants, coldVariants } from './bench/command.ts';
import { decodeVariants, prefillVariants } from './bench/decode.ts';
import { gemmPeak } from './bench/gemm.ts';
import { variants as machine } from './bench/machine.ts';
import { overheadVariants, variants as trainStep } from './bench/train-step.ts';
import { type Line, measure, type Variant } from './bench/variant.ts';

const benches: { readonly [name: string]: readonly Variant[] } = {
  machine,
  decode: decodeVariants.filter(({ name }) => name.startsWith('decode.')),
  'decode-1024': decodeVariants.filter(({ name }) => name.startsWith('decode-1024.')),
  prefill: prefillVariants,
  'train-step': trainStep,
  'split-overhead': overheadVariants,
  check: checkVariants,
  'cold-start': coldVariants,
};

// As bin/vflair.js starts a run.
const environment = { MALLOC_MMAP_THRESHOLD_: '4194304', ...process.env };

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    threads: { type: 'string', default: '2' },
    repeat: { type: 'string', default: '5' },
    // Of the child process that measures one variant.
    variant: { type: 'string' },
    peak: { type: 'string' },
  },
});
const [name = '', only] = (positionals[0] ?? '').split('.');
const chosen = (benches[name] ?? []).filter((one) => !only || one.name === `${name}.${only}`);
if (chosen.length === 0) throw new Error(`name one of: ${Object.keys(benches).join(', ')}`);
const threads = Number(values.threads);
const repeat = Number(values.repeat);

if (values.variant === undefined) await measureAll();
else await measureOne(values.variant);

async function measureAll(): Promise<void> {
  const peak = await gemmPeak(threads);
  for (const one of chosen) {
    const flags = ['--variant', one.name, '--threads', `${threads}`, '--repeat', `${repeat}`];
    const output = execFileSync(
      process.execPath,
      [import.meta.filename, name, ...flags, '--peak', `${peak}`],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], env: environment },
    );
    const line: Line = JSON.parse(output);
    console.log(values.json ? JSON.stringify(line) : readable(line));
  }
}

async function measureOne(wanted: string): Promise<void> {
  const one = chosen.find((variant) => variant.name === wanted);
  if (!one) throw new Error(`no variant ${wanted}`);
  const peak = values.peak === undefined ? undefined : Number(values.peak);
  console.log(JSON.stringify(await measure(one, { threads, repeat, peak })));
}

function readable(line: Line): string {
  const rates = [
    line.tok_per_s === undefined ? [] : [`${line.tok_per_s.toFixed(1)} tokens/s`],
    line.gflops === undefined ? [] : [`${line.gflops.toFixed(1)} GFLOP/s`],
    line.fraction_of_peak === undefined
      ? []
      : [`${(100 * line.fraction_of_peak).toFixed(0)} % of peak`],
  ].flat();
  const times = `${line.min_s.toFixed(4)} s (median ${line.median_s.toFixed(4)}, max ${line.max_s.toFixed(4)})`;
  return [line.name.padEnd(28), times, ...rates, `${line.peak_rss_mb.toFixed(0)} MB`].join('  ');
}
