import { type CodeTable, mergeCodes } from '@vflair/dsl';
import { commandCodes } from './commands.js';
import { adapterCodes, configCodes, tokenizerCodes } from './config.js';
import { dataCodes } from './data.js';
import { generateCodes } from './generate.js';
import { deviceCodes, installationCodes } from './installation.js';
import { judgeCodes } from './judge.js';
import { offlineCodes } from './offline.js';
import { onnxCodes } from './onnx.js';
import { runCodes } from './run.js';
import { traceCodes } from './trace.js';
import { weightCodes } from './weights.js';

export { type BugArea, bugAreas, bugPage, bugsToMarkdown } from './bugs.js';

/** VF5xx: all that can be found when a Plan is read and run. */
export const runningCodes = (): CodeTable =>
  mergeCodes(
    commandCodes,
    weightCodes,
    onnxCodes,
    configCodes,
    tokenizerCodes,
    adapterCodes,
    dataCodes,
    installationCodes,
    deviceCodes,
    runCodes,
    traceCodes,
    offlineCodes,
    generateCodes,
    judgeCodes,
  );
