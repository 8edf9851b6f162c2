import { isDeepStrictEqual } from 'node:util';
import type {
  AttackDefinition,
  Fields,
  Goal,
  GuessOf,
  Params,
  SeenMessage,
  Sight,
  SightKey,
  View,
} from '../contract/index.js';
import { compileGraph, type Session } from '../session/index.js';
import { floatTensor, intTensor, randomStream } from '../tensor/index.js';
import { openView } from '../threat/index.js';
import { type Answers, chanceOf, malformed, scoreOf } from './attack-score.js';
import { demand, digestOf, type KitCheck, nameChecks } from './kit-check.js';

/** What an attack is shown and what was really there. */
export interface AttackScene<Need extends SightKey, Want extends SightKey, G extends Goal> {
  readonly view: View<Need, Want>;
  readonly truth: Answers[G];
}

/** What the kit is told of an attack. */
export interface AttackKitOptions<
  F extends Fields,
  Need extends SightKey,
  Want extends SightKey,
  G extends Goal,
> {
  /** `import.meta.url` of the attack's test, which is named after it. */
  readonly test: string;
  readonly params: Params<F>;
  /** A scene that leaks: the attack must score `atLeast` there (default 1: all of it). */
  readonly planted: AttackScene<Need, Want, G>;
  readonly atLeast?: number;
  /** A scene that leaks nothing: the attack must not be significantly better than chance (α = 1e-3). */
  readonly null: AttackScene<Need, Want, G>;
}

/** An attack of any declaration, with what it is run on. */
export interface AttackUse<
  F extends Fields,
  Need extends SightKey,
  Want extends SightKey,
  G extends Goal,
> {
  readonly params: Params<F>;
  readonly view: View<Need, Want>;
  /** Name of the attack's random stream. */
  readonly seed?: string;
  readonly previous?: GuessOf[Goal];
  readonly attack: AttackDefinition<F, Need, Want, G>;
}

/** Runs an attack once on a view, with the real engine behind `compile`; its sessions are closed afterwards. */
export async function runAttack<
  F extends Fields,
  Need extends SightKey,
  Want extends SightKey,
  G extends Goal,
>(use: AttackUse<F, Need, Want, G>): Promise<GuessOf[G]> {
  const { attack, view, params, seed = 'attacker', previous } = use;
  const sessions: Session[] = [];
  try {
    return await attack.run(view, {
      params,
      rng: randomStream(seed),
      signal: new AbortController().signal,
      progress: () => undefined,
      compile: async (build, options) => {
        const session = await compileGraph(build, options);
        sessions.push(session);
        return session;
      },
      ...(previous ? { previous } : {}),
    });
  } finally {
    await Promise.all(sessions.map((session) => session.close()));
  }
}

/**
 * What an attack has to keep to be called one; see docs/add-an-attack.md. Each check throws an error that says what was
 * broken.
 */
export function attackKit<
  F extends Fields,
  Need extends SightKey,
  Want extends SightKey,
  G extends Goal,
>(
  attack: AttackDefinition<F, Need, Want, G>,
  options: AttackKitOptions<F, Need, Want, G>,
): KitCheck[] {
  const { params } = options;
  const planted = { ...options.planted, view: opened(attack, options.planted.view) };
  const run = (view: View<Need, Want>): Promise<GuessOf[G]> => runAttack({ attack, params, view });
  return [
    ...nameChecks(attack.id, options.test, 'attacks'),
    ...viewChecks(attack, planted.view, run),
    {
      name: 'the same seed gives the same guess',
      run: async () => {
        const [one, two] = [await run(planted.view), await run(planted.view)];
        demand(isDeepStrictEqual(one, two), 'two runs with one seed gave different guesses');
      },
    },
    {
      name: 'each guess is about one row of a message and has its shape',
      run: async () => {
        const problem = malformed(attack.guesses, await run(planted.view), planted.truth);
        demand(problem === '', problem);
      },
    },
    {
      name: 'it finds what is planted',
      run: async () => {
        const score = scoreOf(attack.guesses, await run(planted.view), planted.truth);
        const least = options.atLeast ?? 1;
        demand(score >= least, `score ${score} on the planted scene, below ${least}`);
      },
    },
    {
      name: 'it is at chance where there is nothing to find',
      run: async () => {
        const { view, truth } = options.null;
        const p = chanceOf(attack.guesses, await run(opened(attack, view)), truth);
        demand(p >= 1e-3, `better than chance on the null scene (p = ${p})`);
      },
    },
  ];
}

function viewChecks<F extends Fields, Need extends SightKey, Want extends SightKey, G extends Goal>(
  attack: AttackDefinition<F, Need, Want, G>,
  view: View<Need, Want>,
  run: (view: View<Need, Want>) => Promise<GuessOf[G]>,
): KitCheck[] {
  return [
    {
      name: 'it reads each of its needs, and nothing it did not declare',
      run: async () => {
        const read = new Set<PropertyKey>();
        await run(watched(view, read));
        const declared = new Set<PropertyKey>([...attack.needs, ...attack.wants]);
        const idle = attack.needs.filter((key) => !read.has(key));
        demand(idle.length === 0, `it declares a need it does not read: ${idle.join(', ')}`);
        const foreign = [...read].filter((key) => !declared.has(key));
        demand(foreign.length === 0, `it reads what it did not declare: ${foreign.join(', ')}`);
      },
    },
    {
      name: 'it leaves the view as it was',
      run: async () => {
        const before = digestOf(view);
        await run(view);
        demand(digestOf(view) === before, 'the view was changed');
      },
    },
    {
      name: 'an empty batch and no message at all have no guesses',
      run: async () => {
        for (const empty of [withMessages(view, emptied), withMessages(view, () => [])]) {
          const guesses = Object.values(await run(empty)).flat();
          demand(guesses.length === 0, `${guesses.length} guesses about no rows`);
        }
      },
    },
  ];
}

/** The view as a run opens it: a frozen pick of what was declared. */
function opened<Need extends SightKey, Want extends SightKey, V extends View<Need, Want>>(
  attack: { readonly id: string; readonly needs: readonly Need[]; readonly wants: readonly Want[] },
  view: V,
): V {
  const granted = new Set<SightKey>([...attack.needs, ...attack.wants]);
  // openView serves attacks of any declaration; what it picks for this one is what its View type lists.
  return openView(view as Partial<Sight>, attack, granted) as unknown as V;
}

/** The same view, which writes down what is asked of it. */
function watched<V extends object>(view: V, read: Set<PropertyKey>): V {
  return new Proxy(view, {
    get: (target, key) => {
      read.add(key);
      return Reflect.get(target, key);
    },
  });
}

const messageKeys = ['activations', 'gradients', 'responses'] as const;

/** The same view with other messages. */
function withMessages<V extends object>(
  view: V,
  change: (messages: readonly SeenMessage[]) => readonly SeenMessage[],
): V {
  const sight: Partial<Sight> = view;
  const changed = messageKeys.flatMap((key) => {
    const messages = sight[key];
    return messages ? [[key, change(messages)] as const] : [];
  });
  return Object.freeze({ ...view, ...Object.fromEntries(changed) });
}

/** Messages of the same kind that carry no row. */
function emptied(messages: readonly SeenMessage[]): SeenMessage[] {
  return messages.map((message) => ({
    ...message,
    tensor: floatTensor([0, ...message.tensor.shape.slice(1)], new Float32Array()),
    mask: intTensor([0, ...message.mask.shape.slice(1)], []),
  }));
}
