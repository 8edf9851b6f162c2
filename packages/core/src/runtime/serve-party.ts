import type { DefensePlan, PipelinePlan } from '../contract/index.js';
import { type BoundDefense, type Port, routeOf } from '../party/index.js';
import { type Library, type PartyOrder, victimStream } from '../run/index.js';
import { resolveDevice } from '../session/index.js';
import type { Random } from '../tensor/index.js';
import { present } from '../text/index.js';
import { toFailure } from './failure.js';
import { OpenAnswer } from './open-answer.js';
import { openParty } from './party-container.js';
import { type PartyProgram, runCommand } from './party-program.js';
import type { Service } from './serve.js';

/** Opens a party of the plan: loads its own weights (and rows, if it holds them), fills its container, answers commands. */
export async function openPartyService(
  port: Port,
  library: Library,
  order: PartyOrder,
): Promise<Service> {
  const { pipeline, party, places } = order;
  const random = victimStream(pipeline);
  const model = await library.model(pipeline, places, random);
  const isData = routeOf(pipeline).dataParty === party;
  const rows =
    isData && !order.probing && !order.rowless
      ? await library.rows(pipeline, places, random)
      : undefined;
  const device = present(
    pipeline.parties.find(({ name }) => name === party),
    `party ${party}`,
  ).device;
  const providers = order.providers ?? (await resolveDevice(device)).providers;
  const open = openParty({
    order,
    model,
    random,
    session: { providers, threads: order.threads, arena: false },
    defenses: await boundDefenses(library, pipeline, random),
    deliver: (message) => port.post({ type: 'message', message }),
  });
  const progress: PartyProgram['progress'] = (stage, done, of) =>
    port.post({ type: 'progress', stage, done, of });
  const program: PartyProgram = { order, open, model, rows, progress, answer: new OpenAnswer() };
  return {
    command: (name, argument) => runCommand(program, name, argument),
    message: (message) => {
      open.data?.receive(message);
      // A message has nobody to answer to, so what goes wrong is told as a failure of command 0: the host ends the run.
      open.model
        ?.receive(message)
        .catch((error) => port.post({ type: 'failed', id: 0, failure: toFailure(error) }));
    },
    close: open.close,
  };
}

async function boundDefenses(
  library: Library,
  pipeline: PipelinePlan,
  random: Random,
): Promise<Map<string, BoundDefense[]>> {
  const entries = pipeline.defenses.map(async (defense) => {
    const pair = `${defense.from} -> ${defense.to}`;
    return [pair, await boundChain(library, defense, random.stream(`defense/${pair}`))] as const;
  });
  return new Map(await Promise.all(entries));
}

function boundChain(
  library: Library,
  defense: DefensePlan,
  random: Random,
): Promise<BoundDefense[]> {
  return Promise.all(
    defense.chain.map(async ({ id, params }, i) => ({
      definition: await library.defense(id),
      params,
      rng: random.stream(i),
    })),
  );
}
