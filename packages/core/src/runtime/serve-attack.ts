import type { AttackContext, Fields, Goal, GuessOf } from '../contract/index.js';
import { nearestEmbedding } from '../judge/index.js';
import type { Port } from '../party/index.js';
import {
  type AttackOrder,
  attackerStream,
  type JudgedOrder,
  type Library,
  type ReadOutOrder,
  victimStream,
} from '../run/index.js';
import { compileGraph, type Session } from '../session/index.js';
import { at, Bug, Findings, finding, present } from '../text/index.js';
import { grantedKeys, openView } from '../threat/index.js';
import { residuals } from './residuals.js';
import type { Service } from './serve.js';
import { judgedHead, sightOf } from './sight.js';
import { readMessages } from './stored-messages.js';

/** What an attack's worker gives back. */
export interface AttackResult {
  readonly guess: GuessOf[Goal];
  readonly seconds: number;
}

/** Serves an attack or a measurement of the Judge: one command, `run`. */
export async function openAttack(
  port: Port,
  library: Library,
  order: JudgedOrder,
): Promise<Service> {
  const sessions: Session[] = [];
  const abort = new AbortController();
  const run = async (): Promise<unknown> => {
    if (order.kind === 'read-out') return readOut(library, order);
    if (order.kind === 'residual')
      return residuals(library, await judgedHead(library, order.attack), order);
    return attack(library, order, {
      sessions,
      signal: abort.signal,
      progress: (done, of) => port.post({ type: 'progress', stage: 'attack', done, of }),
    });
  };
  return {
    command: run,
    message: () => undefined,
    close: async () => {
      abort.abort();
      await Promise.all(sessions.map((session) => session.close()));
    },
  };
}

async function readOut(
  library: Library,
  { pipeline, places, threads, activations }: ReadOutOrder,
): Promise<number[][][]> {
  const { spec, stored } = await library.model(pipeline, places, victimStream(pipeline));
  const sent = (await readMessages(activations)).map(({ tensor }) => tensor);
  return nearestEmbedding(sent, stored(spec.embeddingKey), { threads });
}

interface Tools {
  readonly sessions: Session[];
  readonly signal: AbortSignal;
  readonly progress: (done: number, of: number) => void;
}

async function attack(library: Library, order: AttackOrder, tools: Tools): Promise<AttackResult> {
  const { pipeline } = order;
  const plan = at(pipeline.attacks, order.attack);
  const adversary = present(
    pipeline.adversaries.find(({ name }) => name === plan.adversary),
    'adversary',
  );
  const granted = grantedKeys(pipeline, adversary);
  if (!order.variant.knowsDefense) granted.delete('defense');
  // What the checkpoint lacks (a new classifier) the victim draws from its own seed: the adversary draws another.
  const model = await library.model(
    pipeline,
    order.places,
    attackerStream(pipeline).stream('model'),
  );
  const definitions = await Promise.all(plan.chain.map(({ id }) => library.attack(id)));
  const reads = new Set(definitions.flatMap(({ needs, wants }) => [...needs, ...wants]));
  const sight = await sightOf(library, order, { model, reads });
  const started = performance.now();
  let guess: GuessOf[Goal] | undefined;
  for (const [link, definition] of definitions.entries()) {
    const view = openView(sight, definition, granted);
    const context = attackContext(order, link, tools);
    const previous = guess ? { previous: guess } : {};
    guess = await attempt(definition.id, () => definition.run(view, { ...context, ...previous }));
  }
  return { guess: present(guess, 'guess'), seconds: (performance.now() - started) / 1000 };
}

/** What one link of the chain may use: its own random stream, and the engine. No clock, disk, network or victim. */
function attackContext(
  { pipeline, attack: index, threads }: AttackOrder,
  link: number,
  { sessions, signal, progress }: Tools,
): AttackContext<Fields> {
  const { adversary, chain } = at(pipeline.attacks, index);
  const use = at(chain, link);
  return {
    params: use.params as AttackContext<Fields>['params'],
    rng: attackerStream(pipeline).stream(`${adversary}/${index}/${link}/${use.id}`),
    signal,
    progress,
    compile: async (build, options) => {
      const session = await compileGraph(build, options, { threads });
      sessions.push(session);
      return session;
    },
  };
}

/** What a plugin throws is told as a finding that names the plugin. */
async function attempt<T>(id: string, run: () => Promise<T> | T): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Bug || error instanceof Findings) throw error;
    const text = error instanceof Error ? error.message : String(error);
    throw finding(
      'VF564',
      `attack \`${id}\` failed: ${text}`,
      'the plugin threw an error: report it to its author, or leave the attack out',
    );
  }
}
