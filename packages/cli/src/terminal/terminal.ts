import { type Diagnostic, formatDiagnostic, type Source } from '@vflair/core/text';

/** How a command speaks: machine output on stdout only, everything a person reads on stderr. */
export interface Terminal {
  readonly isJson: boolean;
  readonly print: (text: string) => void;
  readonly say: (text: string) => void;
  readonly progress: (what: string, done: number, of: number) => void;
  readonly finding: (diagnostic: Diagnostic) => void;
}

/** Global flags of every command. */
export interface GlobalFlags {
  readonly quiet?: boolean;
  readonly color?: boolean;
  readonly json?: boolean;
}

const nowhere: Source = { name: '', text: '' };

/** A terminal over this process's streams. */
export function openTerminal(flags: GlobalFlags): Terminal {
  const isLive = process.stderr.isTTY === true && flags.quiet !== true;
  const color = flags.color !== false && !process.env.NO_COLOR && process.stderr.isTTY === true;
  let drawn = false;
  const clear = (): void => {
    if (drawn) process.stderr.write('\r\u001b[K');
    drawn = false;
  };
  const started = new Map<string, number>();
  return {
    isJson: flags.json === true,
    print: (text) => process.stdout.write(`${text}\n`),
    say: (text) => {
      clear();
      if (flags.quiet !== true) process.stderr.write(`${text}\n`);
    },
    progress: (what, done, of) => {
      if (!isLive || of === 0) return;
      const since = started.get(what) ?? performance.now();
      started.set(what, since);
      process.stderr.write(
        `\r\u001b[K${bar(what, { done, of, seconds: (performance.now() - since) / 1000 })}`,
      );
      drawn = true;
    },
    finding: (diagnostic) => {
      if (flags.quiet === true && diagnostic.severity !== 'error') return;
      clear();
      process.stderr.write(
        `${formatDiagnostic(diagnostic, diagnostic.source ?? nowhere, { color })}\n`,
      );
    },
  };
}

/** `training [#####.....] 12/40, 3.1/s, 9 s left`. */
export function bar(
  what: string,
  { done, of, seconds }: { done: number; of: number; seconds: number },
): string {
  const filled = Math.round((20 * done) / of);
  const speed = seconds > 0 ? done / seconds : 0;
  const left = speed > 0 && done < of ? `, ${Math.ceil((of - done) / speed)} s left` : '';
  const rate = speed > 0 ? `, ${speed >= 10 ? speed.toFixed(0) : speed.toFixed(1)}/s` : '';
  return `${what} [${'#'.repeat(filled)}${'.'.repeat(20 - filled)}] ${done}/${of}${rate}${left}`;
}
