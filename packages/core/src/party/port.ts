import type { Message } from '../contract/index.js';
import type { Diagnostic } from '../text/index.js';

/** A failure that crosses a thread or process: findings stay findings. */
export type Failure =
  | { readonly kind: 'findings'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'error'; readonly message: string; readonly stack: string };

/** What a host and its party say to each other: messages that cross cuts, and control that carries no private data. */
export type Envelope =
  | { readonly type: 'message'; readonly message: Message }
  | {
      readonly type: 'command';
      readonly id: number;
      readonly name: string;
      readonly argument: unknown;
    }
  | { readonly type: 'reply'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly failure: Failure }
  | {
      readonly type: 'progress';
      readonly stage: string;
      readonly done: number;
      readonly of: number;
    };

/** One end of a two-way line: worker thread, child process or the same thread. */
export interface Port {
  readonly post: (envelope: Envelope, transfer?: readonly ArrayBuffer[]) => void;
  readonly listen: (handler: (envelope: Envelope) => void) => void;
  readonly close: () => void;
}
