import { join } from 'node:path';
import type { HeadKind, SeenMessage } from '@vflair/core/contract';
import { headKnowledge, Slice } from '@vflair/core/session';
import { asFloat, randomStream } from '@vflair/core/tensor';
import { padded } from '@vflair/core/testing';
import { present } from '@vflair/core/text';
import { loadModel, loadTokenizer } from '@vflair/models';
import spamAssassin from '../../../packages/models/src/datasets/spam-assassin.js';
import { root } from '../source-tree.js';

/** Mails that an embedded model was not trained on, its first blocks as an adversary knows them, and what they send. */
export async function embeddedHead(
  id: string,
  head: HeadKind,
  options: { readonly blocks: number; readonly rows: number; readonly length: number },
) {
  const folder = join(root, 'packages/models/catalog', id);
  const model = await loadModel(folder, head, {
    cache: join(root, 'node_modules/.cache/vflair-tests'),
    random: randomStream(id),
  });
  const tokenizer = loadTokenizer(folder);
  const mails = spamAssassin.load().test.slice(0, options.rows);
  const text = mails.map((mail) => [
    ...tokenizer.encode(mail.text, { maxLength: options.length }).ids,
  ]);
  const part = { embed: true, first: 0, end: options.blocks, output: false };
  const weights = { stored: model.stored, trained: new Map(), adapters: new Map() };
  const slice = new Slice(model.spec, part, weights);
  const inputs = padded(text);
  const tensor = asFloat(present((await slice.forward(inputs)).result));
  await slice.close();
  const seen: SeenMessage = { phase: 'test', step: 0, tensor, mask: inputs.mask };
  const knowledge = {
    vocabulary: tokenizer.vocabularySize,
    special: [...tokenizer.specialIds],
    prefix: tokenizer.prefixIds,
    suffix: tokenizer.suffixIds,
  };
  return {
    text,
    seen,
    head: headKnowledge(model.spec, part, weights, 'exact'),
    tokenizer: knowledge,
  };
}
