import { execFile } from 'node:child_process';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { listSupportedBackends } from 'onnxruntime-node';
import type { DevicePlan } from '../contract/index.js';
import { createGraph, encodeModel } from '../graph/index.js';
import { finding } from '../text/index.js';
import type { Provider } from './onnx.js';

/** A device as found: what a session is opened with, and one line that says what it is. */
export interface FoundDevice {
  readonly providers: readonly Provider[];
  readonly line: string;
}

/** What kinds of device the installed runtime knows, and why one of them can't be used (nothing if it can). */
export interface DeviceProber {
  readonly kinds: () => readonly string[];
  readonly failure: (kind: string, index: number) => Promise<string | undefined>;
}

/** Kinds that `auto` tries, fastest first; TensorRT compiles for minutes and has to be asked for. */
const preferred = ['cuda', 'coreml', 'dml', 'webgpu'] as const;

const hints: { readonly [kind: string]: string } = {
  cuda: 'install CUDA 12 and cuDNN, then `ONNXRUNTIME_NODE_INSTALL=true npm rebuild onnxruntime-node`, or write `device auto`',
  tensorrt:
    'install CUDA 12 and TensorRT, then `ONNXRUNTIME_NODE_INSTALL=true npm rebuild onnxruntime-node`, or write `device auto`',
  webgpu: 'install a driver for Vulkan, Metal or Direct3D 12, or write `device auto`',
};

/**
 * The device a plan asks for, on this machine. `auto` is the first kind that passes a probe of one operator, else the
 * processor; any other kind is had or throws Findings: VF556 the runtime has no such kind here, VF557 it can't be used.
 * A prober remembers what it found: share one where several devices are resolved.
 */
export async function resolveDevice(
  { kind, index }: DevicePlan,
  prober: DeviceProber = createProber(),
): Promise<FoundDevice> {
  if (kind === 'auto') return firstUsable(prober, index);
  if (kind === 'cpu') return { providers: ['cpu'], line: 'cpu' };
  const kinds = prober.kinds();
  const name = `${kind}:${index}`;
  if (!kinds.includes(kind)) {
    throw finding(
      'VF556',
      `device \`${kind}\` does not exist on ${process.platform}-${process.arch}`,
      `write one of ${kinds.join(', ')}, or auto`,
    );
  }
  const failure = await prober.failure(kind, index);
  if (failure !== undefined) {
    const hint = hints[kind] ?? 'check its driver, or write `device auto`';
    throw finding('VF557', `device \`${name}\` can't be used: ${failure}`, hint);
  }
  return { providers: [providerOf(kind, index)], line: name };
}

async function firstUsable(prober: DeviceProber, index: number): Promise<FoundDevice> {
  const offered = prober.kinds();
  const without: string[] = [];
  for (const kind of preferred.filter((name) => offered.includes(name))) {
    const failure = await prober.failure(kind, index);
    if (failure === undefined)
      return { providers: [providerOf(kind, index)], line: `${kind}:${index} (auto)` };
    without.push(kind);
  }
  const tried = without.length > 0 ? `, no ${without.join(', ')}` : '';
  return { providers: ['cpu'], line: `cpu (auto${tried})` };
}

function providerOf(kind: string, index: number): Provider {
  return index === 0 ? kind : { name: kind, deviceId: index };
}

/**
 * Probes in a process of its own: two threads of one process that use WebGPU crash it, and a provider that can't be
 * loaded writes to the terminal. Each device is probed once, when first asked for.
 */
export function createProber(): DeviceProber {
  const known = new Map<string, Promise<string | undefined>>();
  return {
    kinds: () => listSupportedBackends().map(({ name }) => name),
    failure: (kind, index) => {
      const name = `${kind}:${index}`;
      const failure = known.get(name) ?? probe(providerOf(kind, index));
      known.set(name, failure);
      return failure;
    },
  };
}

async function probe(provider: Provider): Promise<string | undefined> {
  const file = new URL(`./probe-provider${extname(import.meta.url)}`, import.meta.url).href;
  const program =
    'const [, file, ...rest] = process.argv; const { probeProvider } = await import(file);' +
    'console.log(JSON.stringify({ failure: await probeProvider(JSON.parse(rest[0]), rest[1]) }))';
  const options = ['--input-type=module', '--eval', program, file];
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...options, JSON.stringify(provider), probeModel()],
      { timeout: 60_000, env: { ...process.env, NODE_NO_WARNINGS: '1' } },
    );
    const { failure }: { readonly failure?: string } = JSON.parse(stdout);
    return failure === undefined ? undefined : firstSentence(failure);
  } catch (error) {
    return `the probe ended early (${firstSentence(String(error))})`;
  }
}

/** y = x + x as ONNX, in base64. */
function probeModel(): string {
  const g = createGraph();
  const x = g.input('x', 'float32', [2]);
  g.output('y', g.add(x, x));
  return Buffer.from(encodeModel(g).bytes).toString('base64');
}

/** Native messages begin with a place in somebody's source and may be long. */
function firstSentence(message: string): string {
  const line = message.split('\n')[0] ?? '';
  return line.replace(/^\S*\/onnxruntime\S*:\d+ .*?(?=\w+\.\w+ |Failed|Error)/, '').slice(0, 200);
}
