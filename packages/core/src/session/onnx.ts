import path from 'node:path';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { Executable, Tensors } from '../contract/index.js';
import type { EncodedModel } from '../graph/index.js';
import type { DType, Tensor } from '../tensor/index.js';
import { Bug } from '../text/index.js';

/** A provider of the runtime by name, or one of several devices of it. */
export type Provider = string | { readonly name: string; readonly deviceId: number };

/** How a session runs: where, with how many threads, and whether it may keep an arena (off for training slices). */
export interface SessionOptions {
  readonly providers?: readonly Provider[];
  readonly threads?: number;
  readonly arena?: boolean;
}

/** A compiled model on one device. Inputs are read in place, outputs are copied out; runs of one session don't overlap. */
export class Session implements Executable {
  readonly #session: InferenceSession;
  readonly #model: EncodedModel;

  private constructor(session: InferenceSession, model: EncodedModel) {
    this.#session = session;
    this.#model = model;
  }

  /** Compiles a model; external data are mapped from the files it names. */
  static async open(model: EncodedModel, options: SessionOptions = {}): Promise<Session> {
    const settings = {
      executionProviders: [...(options.providers ?? ['cpu'])],
      intraOpNumThreads: options.threads ?? 2,
      interOpNumThreads: 1,
      enableCpuMemArena: options.arena ?? true,
      logSeverityLevel: 3 as const,
      // Several sessions take turns on the same cores: a thread that spins while it waits takes them from the others.
      extra: {
        session: {
          intra_op: { allow_spinning: '0' },
          model_external_initializers_file_folder_path: path.parse(process.cwd()).root,
        },
      },
    };
    return new Session(await InferenceSession.create(model.bytes, settings), model);
  }

  /** Names of the inputs the model reads. */
  get inputs(): readonly string[] {
    return this.#model.inputs.map((value) => value.name);
  }

  /** Runs once; inputs the model doesn't read are ignored, a missing one is a Bug VF922. */
  async run(inputs: Tensors): Promise<Tensors> {
    const feeds: Record<string, OrtTensor> = {};
    for (const { name } of this.#model.inputs) {
      const tensor = inputs[name];
      if (!tensor) throw new Bug('VF922', `model input \`${name}\` was not fed`);
      feeds[name] = new OrtTensor(tensor.dtype, tensor.data as Float32Array, tensor.shape);
    }
    const results = await this.#session.run(feeds);
    return Object.fromEntries(
      this.#model.outputs.map(({ name, value }) => {
        const result = results[value.name];
        if (!result) throw new Bug('VF922', `model gave no output \`${name}\``);
        return [
          name,
          { dtype: result.type as DType, shape: result.dims, data: result.data } as Tensor,
        ];
      }),
    );
  }

  /** Frees the native session. */
  async close(): Promise<void> {
    await this.#session.release();
  }
}
