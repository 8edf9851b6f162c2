export { type LinkedPipeline, linkPipeline } from './extend.js';
export { type FileAccess, type ModelConfig, noFiles } from './files.js';
export { isPath } from './paths.js';
export { duplicateName, fileNotFound, loadProgram, notAvailable, type Program } from './program.js';
export { type Reading, Scope, unknownWord } from './scope.js';
