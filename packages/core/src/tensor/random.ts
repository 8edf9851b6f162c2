import { createHash } from 'node:crypto';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** A stream of random numbers that depends on its name only: never on time, order of use or other streams. */
export interface Random {
  /** Uniform in [0, 1) with 53 bits. */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform integer in [0, below). */
  integer(below: number): number;
  /** A stream of its own under a longer name; asking for it does not advance this one. */
  stream(name: string | number): Random;
}

/**
 * The stream called `name`: its state is the SHA-256 of the name, so that neighbours share nothing and a name can't
 * be recovered from what a stream gave out. Generator: xoroshiro128+ (Blackman & Vigna 2018); normals by Box–Muller.
 */
export function randomStream(name: string): Random {
  const key = createHash('sha256').update(name).digest();
  const state = [0, 4, 8, 12].map((offset) => key.readInt32LE(offset));
  const generator = xoroshiro128plusFromState(state);
  let spare: number | undefined;
  const uniform = (): number => {
    const high = generator.next() >>> 5;
    const low = generator.next() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  };
  const normal = (): number => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return {
    uniform,
    normal,
    integer: (below) => Math.floor(uniform() * below),
    stream: (child) => randomStream(`${key.toString('hex')}/${child}`),
  };
}

/** `count` distinct integers of [0, below) in random order (all of them, shuffled, when `count ≥ below`). */
export function draw(random: Random, below: number, count = below): number[] {
  const items = Array.from({ length: below }, (_, i) => i);
  const take = Math.min(count, below);
  for (let i = 0; i < take; i++) {
    const j = i + random.integer(below - i);
    const swap = items[i] as number;
    items[i] = items[j] as number;
    items[j] = swap;
  }
  return items.slice(0, take);
}
