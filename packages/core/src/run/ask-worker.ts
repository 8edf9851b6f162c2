import { finding } from '../text/index.js';
import type { RunContext } from './context.js';
import type { AttackOrder, ResidualOrder } from './orders.js';

/** How long a worker may be silent before it is ended: an attack reports progress, or is too slow to be waited for. */
const patience = 10 * 60 * 1000;

export async function askWorker(
  context: RunContext,
  order: AttackOrder | ResidualOrder,
  what: string,
): Promise<unknown> {
  const { promise: silence, reject } = Promise.withResolvers<never>();
  silence.catch(() => undefined);
  const complain = (): void =>
    reject(
      finding(
        'VF565',
        `${what} gave no sign for ${patience / 60000} minutes and was ended`,
        'lower its `steps` or `samples`, or leave it out',
      ),
    );
  let timer = setTimeout(complain, patience);
  const progress = (_: string, done: number, of: number): void => {
    clearTimeout(timer);
    timer = setTimeout(complain, patience);
    context.progress(what, done, of);
  };
  const worker = await context.hosts.start(order, { message: () => undefined, progress });
  try {
    return await Promise.race([worker.command('run'), silence]);
  } finally {
    clearTimeout(timer);
    await worker.close();
  }
}
