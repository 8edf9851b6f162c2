import { bareContext } from '@vflair/core/session';
import { floatTensor, randomStream } from '@vflair/core/tensor';
import {
  drawNormals,
  evaluate,
  feedsOf,
  fill,
  inputGraph,
  numbersOf,
  pick,
  total,
  worstDifference,
} from '@vflair/core/testing';
import { at, Bug, present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import { mixExperts, type Routing, routerWeights } from './experts.js';

const random = randomStream('experts');
const [rows, experts] = [7, 6];
const logits = drawNormals(random, [rows, experts]);
const bias = drawNormals(random, [experts]);

/** Places of the `count` largest numbers. */
function best(values: readonly number[], count: number): number[] {
  const order = values.map((_, i) => i).sort((a, b) => at(values, b) - at(values, a));
  return order.slice(0, count);
}

function reference(row: number, routing: Routing): number[] {
  const scores = Array.from({ length: experts }, (_, e) => {
    return 1 / (1 + Math.exp(-pick(numbersOf(logits), [row, e])));
  });
  const wanted = scores.map((score, e) => score + pick(numbersOf(bias), [e]));
  const each = experts / routing.groups;
  const groupOf = (e: number): number => Math.floor(e / each);
  const groups = Array.from({ length: routing.groups }, (_, group) => {
    const own = wanted.filter((_, e) => groupOf(e) === group);
    return total(best(own, 2).map((i) => at(own, i)));
  });
  const open = best(groups, routing.openGroups);
  const kept = wanted.map((one, e) => (open.includes(groupOf(e)) ? one : Number.NEGATIVE_INFINITY));
  const chosen = best(kept, routing.chosen);
  const sum = routing.normalised ? total(chosen.map((e) => at(scores, e))) : 1;
  return scores.map((score, e) => (chosen.includes(e) ? (routing.scale * score) / sum : 0));
}

test.each([
  { experts, groups: 3, openGroups: 2, chosen: 3, normalised: true, scale: 2.5 },
  { experts, groups: 2, openGroups: 1, chosen: 2, normalised: false, scale: 1 },
  { experts, groups: 1, openGroups: 1, chosen: 6, normalised: true, scale: 1 },
])('the best experts of the best groups share the weight: %j', async (routing) => {
  const { g, values } = inputGraph([logits, bias]);
  const weights = routerWeights(g, { logits: at(values, 0), bias: at(values, 1) }, routing);
  const [found] = await evaluate(g, [weights], feedsOf([logits, bias]));
  const expected = fill([rows, experts], ([row = 0, e = 0]) => at(reference(row, routing), e));
  expect(worstDifference(numbersOf(present(found)), expected)).toBeLessThan(1e-6);
});

test('rows are the weighted sum of what the experts make of them', async () => {
  const x = drawNormals(random, [1, 2, 3]);
  const weights = floatTensor([2, 2], Float32Array.of(0.25, 0, 2, -1));
  const { g, values } = inputGraph([x, weights]);
  const none = (): never => {
    throw new Bug('VF990', 'mixing has no parameters');
  };
  const mask = at(values, 1);
  const context = bareContext({
    g,
    parameters: { weight: none, has: none, trains: none, adapter: none },
    mask,
    positions: mask,
  });
  const mixed = mixExperts(context, at(values, 0), {
    weights: mask,
    expert: (k, one) => g.add(g.mul(one, k + 2), k),
  });
  const [found] = await evaluate(g, [mixed], feedsOf([x, weights]));
  const expected = fill([1, 2, 3], ([b = 0, s = 0, c = 0]) => {
    const one = pick(numbersOf(x), [b, s, c]);
    const [first, second] = [0, 1].map((k) => pick(numbersOf(weights), [s, k]));
    return present(first) * 2 * one + present(second) * (3 * one + 1);
  });
  expect(worstDifference(numbersOf(present(found)), expected)).toBeLessThan(1e-6);
});
