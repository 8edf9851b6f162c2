export * from './chat-template.js';
export { loadTokenizer, saveTokenizer } from './load-tokenizer.js';
export type { TokenRoles } from './token-roles.js';
export * from './tokenizer.js';
export type { AddedToken, TokenizerJson } from './tokenizer-json.js';
export { trainByteLevelBpe } from './train-byte-level-bpe.js';
export { trainWordPiece } from './train-word-piece.js';
export { firstWords } from './words.js';
