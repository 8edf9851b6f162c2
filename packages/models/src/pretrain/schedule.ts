/** Length and shape of a training run, in steps. */
export interface Schedule {
  readonly steps: number;
  /** Steps of linear growth at the start. */
  readonly warmUp: number;
  /** Steps of cosine decay at the end; between the two the rate is 1, so a run can be lengthened before its decay begins. */
  readonly coolDown: number;
}

/**
 * Factor of the learning rate in step `step` = 0, 1, …: (step+1)/warmUp, then 1, then ½(1 + cos πt) with t the share of
 * the cool-down that is done. In (0, 1] within the run. Hägele et al. 2024, arXiv:2405.18392.
 */
export function rateAt({ steps, warmUp, coolDown }: Schedule, step: number): number {
  const rise = Math.min(1, (step + 1) / Math.max(1, warmUp));
  const done = (step - (steps - coolDown)) / Math.max(1, coolDown);
  const fall = done <= 0 ? 1 : 0.5 * (1 + Math.cos(Math.PI * Math.min(1, done)));
  return rise * fall;
}
