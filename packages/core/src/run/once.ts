import type { RunContext } from './context.js';

/** A result that several stages share and that outlives an interrupted run. */
export async function once<T>(
  context: RunContext,
  shared: Map<string, Promise<unknown>>,
  { name, work }: { name: string; work: () => Promise<T> },
): Promise<T> {
  const running = shared.get(name) ?? computeOnce(context, name, work);
  shared.set(name, running);
  return (await running) as T;
}

async function computeOnce<T>(
  { folder }: RunContext,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  const known = await folder.load<{ readonly result: T }>('stages', `${name}.json`);
  if (known) return known.result;
  const result = await work();
  await folder.save({ result }, 'stages', `${name}.json`);
  return result;
}
