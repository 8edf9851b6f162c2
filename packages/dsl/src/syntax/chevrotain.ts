import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const entry = pathToFileURL(createRequire(import.meta.url).resolve('chevrotain'));
// As one file, which its package brings beside the many: by its entry Node looks up some fifty modules at every start,
// which takes longer than to check a text.
const whole: typeof import('chevrotain') = await import(new URL('../chevrotain.mjs', entry).href);

/** What of the parser library is more than a type. */
export const { createToken, createTokenInstance, CstParser, Lexer, tokenLabel } = whole;
