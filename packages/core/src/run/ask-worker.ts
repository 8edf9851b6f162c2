import { finding } from '../text/index.js';
import type { RunContext } from './context.js';
import type { JudgedOrder } from './orders.js';

/** Ten minutes: an attack reports progress, or is too slow to be waited for. */
const usualPatience = 10 * 60 * 1000;

/** Opens a worker for one order and asks it to run. A worker that gives no sign for too long is ended: throws VF565. */
export async function askWorker(
  context: RunContext,
  order: JudgedOrder,
  what: string,
): Promise<unknown> {
  const watch = watchSilence(context.patience ?? usualPatience, what);
  const progress = (_stage: string, done: number, of: number): void => {
    watch.hear();
    context.progress(what, done, of);
  };
  try {
    const worker = await context.hosts.start(order, { message: () => undefined, progress });
    try {
      return await Promise.race([worker.command('run'), watch.silence]);
    } finally {
      await worker.close();
    }
  } finally {
    watch.stop();
  }
}

interface Watch {
  /** Rejects with VF565 once nothing was heard for too long. */
  readonly silence: Promise<never>;
  readonly hear: () => void;
  readonly stop: () => void;
}

function watchSilence(patience: number, what: string): Watch {
  const { promise: silence, reject } = Promise.withResolvers<never>();
  silence.catch(() => undefined);
  const complain = (): void =>
    reject(
      finding(
        'VF565',
        `${what} gave no sign for ${wordsFor(patience)} and was ended`,
        'lower its `steps` or `samples`, or leave it out',
      ),
    );
  let timer = setTimeout(complain, patience);
  const stop = (): void => clearTimeout(timer);
  const hear = (): void => {
    stop();
    timer = setTimeout(complain, patience);
  };
  return { silence, hear, stop };
}

function wordsFor(milliseconds: number): string {
  const minutes = milliseconds / 60_000;
  return minutes >= 1 ? `${Math.round(minutes)} minutes` : `${milliseconds / 1000} seconds`;
}
