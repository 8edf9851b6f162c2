export { type Parsed, parse } from './parse.js';
