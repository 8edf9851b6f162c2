import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { PipelinePlan } from '@vflair/core/contract';
import { openWorld, type Places, Tap, type TranscriptEntry } from '@vflair/core/run';
import type { Prompts } from '@vflair/models';
import { installedCatalog } from '../catalog.js';
import { Exit, exitCodes } from '../exit.js';
import { AnswerStream } from '../generate/answer-stream.js';
import { answeringPipeline, promptRefused, withLimit } from '../generate/pick-pipeline.js';
import { isShown, type Reader, readAsServer, readerOf } from '../generate/server-view.js';
import { type StoppableHosts, workerHosts } from '../hosts.js';
import { cacheFolder } from '../inputs.js';
import { createLibrary } from '../installation.js';
import { readPlan } from '../read-plan.js';
import { type GlobalFlags, openTerminal, type Terminal } from '../terminal/terminal.js';

/** Options of `vflair generate`. */
export interface GenerateOptions extends GlobalFlags {
  readonly prompt: string;
  readonly set?: readonly string[];
  readonly pipeline?: string;
  readonly maxTokens?: string;
  readonly chat?: boolean;
  readonly raw?: boolean;
  readonly showServer?: boolean;
}

/** What an answer is asked with. */
interface Question {
  readonly pipeline: PipelinePlan;
  readonly places: Places;
  readonly prompts: Prompts;
  readonly ids: readonly number[];
  readonly isChat: boolean;
}

/** What came of it. */
interface Answered {
  readonly stream: AnswerStream;
  readonly entries: readonly TranscriptEntry[];
  /** Tokens a second, once there was a first. */
  readonly speed: number;
}

/** Answers a prompt at the parties of a text, each in a worker of its own, and streams the answer; gives the exit code. */
export async function generate(file: string, options: GenerateOptions): Promise<number> {
  const terminal = openTerminal(options);
  const question = await ask(file, options, terminal);
  const reader = options.showServer ? readerOf(question.pipeline) : undefined;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'vflair-answer-'));
  const tap = new Tap('answer', folder, reader ? isShown(question.pipeline) : () => false);
  // What is still being written is waited for: it would come back.
  const clear = async (): Promise<void> => {
    await tap.finish().catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
  };
  const hosts = interruptibleHosts(terminal, clear);
  try {
    const answered = await answer(question, { terminal, hosts, tap });
    terminal.say(speedLine(answered));
    const seen = reader && (await see(question, answered, { reader, hosts, folder, terminal }));
    if (options.showServer)
      for (const line of serverLines(question, answered, seen)) terminal.say(line);
    if (terminal.isJson) terminal.print(JSON.stringify(jsonOf(question, answered, seen)));
    return exitCodes.done;
  } finally {
    await clear();
  }
}

/** Reads the text and writes the prompt down for its model. */
async function ask(file: string, options: GenerateOptions, terminal: Terminal): Promise<Question> {
  const wanted = wholeNumber(options.maxTokens);
  if (options.chat && options.raw)
    throw new Exit(exitCodes.usage, '--chat and --raw contradict each other: give one of them');
  const plan = readPlan(file, options.set ?? [], terminal);
  const { entries } = installedCatalog();
  const tasks = entries.filter(({ kind }) => kind === 'task');
  const heads = new Map(tasks.map(({ id, facts }) => [id, String(facts.head)]));
  const chosen = answeringPipeline(plan, options.pipeline, heads);
  const trained = plan.pipelines.find(({ name }) => name === chosen.name)?.work.kind !== 'infer';
  if (trained)
    terminal.say(`pipeline \`${chosen.name}\` answers with its model as it is before training`);
  const places = { base: path.resolve(path.dirname(file)), cache: cacheFolder() };
  const prompts = await createLibrary().prompts(chosen, places);
  if (options.chat && !prompts.chat)
    throw promptRefused('the model has no chat template', 'leave `--chat` out');
  const chat = options.raw ? undefined : prompts.chat;
  const ids = (chat ?? prompts.raw)(options.prompt);
  const pipeline = withLimit(chosen, { wanted, used: ids.length, most: prompts.maxLength });
  return { pipeline, places, prompts, ids, isChat: chat !== undefined };
}

function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new Exit(exitCodes.usage, `--max-tokens wants a whole number from 1, not \`${text}\``);
}

interface Answering {
  readonly terminal: Terminal;
  readonly hosts: StoppableHosts;
  readonly tap: Tap;
}

async function answer(
  { pipeline, places, prompts, ids }: Question,
  { terminal, hosts, tap }: Answering,
): Promise<Answered> {
  const threads = Math.max(1, os.availableParallelism());
  const order = { pipeline, places, threads, probing: false, rowless: true };
  const world = await openWorld(hosts, order, { tap });
  const { stop } = pipeline.task.params;
  const stream = new AnswerStream(prompts.decode, Array.isArray(stop) ? stop.map(String) : []);
  const write = (text: string): void => {
    if (!terminal.isJson) process.stdout.write(text);
  };
  try {
    await world.ask('prompt', ids);
    const times: number[] = [];
    for (let token = await world.ask('next'); token !== null; token = await world.ask('next')) {
      times.push(performance.now() / 1000);
      write(stream.add(Number(token)));
    }
    write(`${stream.end()}\n`);
    return { stream, speed: speedOf(times), entries: await tap.finish() };
  } finally {
    await world.close();
  }
}

/** Workers that end with the command when a person interrupts it: the line is ended, what was kept is cleared, code 130. */
function interruptibleHosts(terminal: Terminal, clear: () => Promise<void>): StoppableHosts {
  const hosts = workerHosts();
  process.once('SIGINT', () => {
    if (!terminal.isJson) process.stdout.write('\n');
    terminal.say('interrupted');
    void hosts
      .stop()
      .then(clear)
      .finally(() => process.exit(exitCodes.interrupted));
  });
  return hosts;
}

/** The first token waits for the weights to be read and the prompt to be passed: it is left out. */
function speedOf(times: readonly number[]): number {
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  return last > first ? (times.length - 1) / (last - first) : 0;
}

function speedLine({ stream, speed, entries }: Answered): string {
  const count = stream.ids.length;
  const kilobytes = bytesOf(entries) / 1000;
  return `${count} tokens, ${speed.toFixed(1)} tokens/s, ${kilobytes.toFixed(1)} kB crossed`;
}

const bytesOf = (entries: readonly TranscriptEntry[]): number =>
  entries.reduce((sum, { bytes }) => sum + bytes, 0);

/** What was read, its prompt and answer apart, and how many of the tokens are right. */
interface Seen {
  readonly party: string;
  readonly adversary: string;
  readonly attack: string;
  readonly prompt: string;
  readonly answer: string;
  readonly right: number;
  readonly of: number;
}

interface Reading extends Omit<Answering, 'tap'> {
  readonly reader: Reader;
  /** Where the tap left what was kept. */
  readonly folder: string;
}

async function see(
  { pipeline, places, prompts, ids }: Question,
  { stream, entries }: Answered,
  { reader, hosts, terminal, folder }: Reading,
): Promise<Seen> {
  const progress = (done: number, of: number): void =>
    terminal.progress('reading what crossed', done, of);
  const transcript = { entries, folder, places };
  const view = await readAsServer(hosts, { pipeline, reader }, transcript, progress);
  // The last token is said and goes nowhere.
  const truth = [...ids, ...stream.ids];
  const { attack, party } = reader;
  return {
    party,
    adversary: attack.adversary,
    attack: attack.chain.map(({ id }) => id).join(' |> '),
    prompt: prompts.spell(view.ids.slice(0, ids.length)),
    answer: prompts.spell(view.ids.slice(ids.length)),
    right: view.ids.filter((id, i) => id === truth[i]).length,
    of: view.ids.length,
  };
}

function serverLines(
  { pipeline }: Question,
  _answered: Answered,
  seen: Seen | undefined,
): readonly string[] {
  if (!seen)
    return [
      `nothing to show: pipeline \`${pipeline.name}\` grants no adversary what reading takes (activations, the head and the tokenizer)`,
    ];
  const { party, adversary, attack, prompt, answer: said, right, of } = seen;
  return [
    `what \`${party}\` could read (${adversary} with ${attack}; ${right} of ${of} tokens right):`,
    `  prompt: ${JSON.stringify(prompt)}`,
    `  answer: ${JSON.stringify(said)}`,
  ];
}

function jsonOf(
  { pipeline, ids, isChat }: Question,
  { stream, speed, entries }: Answered,
  seen: Seen | undefined,
): object {
  return {
    pipeline: pipeline.name,
    answer: stream.text,
    promptTokens: ids.length,
    tokens: stream.ids.length,
    chat: isChat,
    tokensPerSecond: speed,
    bytesCrossed: bytesOf(entries),
    server: seen ?? null,
  };
}
