/** One thing that is measured: a name as printed, its shape, and how to make it ready. */
export interface Variant {
  /** `bench.variant`, e.g. `train-step.gpt2-lora`. */
  readonly name: string;
  readonly params: { readonly [name: string]: unknown };
  readonly open: (options: { readonly threads: number }) => Promise<Subject>;
}

/** What is timed, again and again. */
export interface Subject {
  /** Tokens one run handles, where that means something. */
  readonly tokens?: number;
  /** Floating-point operations of one run, where they are known. */
  readonly flop?: number;
  /** What comes before each run and isn't timed. */
  readonly prepare?: () => Promise<void>;
  readonly run: () => Promise<void>;
  readonly close?: () => Promise<void>;
}

/** A printed line. */
export interface Line {
  readonly name: string;
  readonly params: Variant['params'];
  readonly n: number;
  readonly min_s: number;
  readonly median_s: number;
  readonly max_s: number;
  readonly tok_per_s?: number;
  readonly gflops?: number;
  readonly fraction_of_peak?: number;
  readonly peak_rss_mb: number;
  readonly threads: number;
}

/** Times a subject `repeat` times after one run that doesn't count; `peak` is the machine's rate in GFLOP/s. */
export async function measure(
  variant: Variant,
  { threads, repeat, peak }: { threads: number; repeat: number; peak: number | undefined },
): Promise<Line> {
  const subject = await variant.open({ threads });
  await subject.prepare?.();
  await subject.run();
  const times: number[] = [];
  for (let i = 0; i < repeat; i++) {
    await subject.prepare?.();
    const begun = performance.now();
    await subject.run();
    times.push((performance.now() - begun) / 1000);
  }
  await subject.close?.();
  times.sort((a, b) => a - b);
  const [min = 0, max = 0] = [times[0], times.at(-1)];
  const gflops = subject.flop === undefined ? undefined : subject.flop / min / 1e9;
  return {
    name: variant.name,
    params: variant.params,
    n: repeat,
    min_s: min,
    median_s: times[Math.floor(times.length / 2)] ?? 0,
    max_s: max,
    ...(subject.tokens === undefined ? {} : { tok_per_s: subject.tokens / min }),
    ...(gflops === undefined ? {} : { gflops }),
    ...(gflops === undefined || peak === undefined ? {} : { fraction_of_peak: gflops / peak }),
    peak_rss_mb: process.resourceUsage().maxRSS / 1024,
    threads,
  };
}
