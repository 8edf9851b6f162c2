export type { Columns } from './columns.js';
export * from './encode-rows.js';
export { type RowOptions, readRows } from './read-rows.js';
