export type * from './ast/ast.js';
export { type Checked, type CheckInput, checkText } from './check-text.js';
export {
  type CodePage,
  type CodeTable,
  codePageToMarkdown,
  languageCodes,
  mergeCodes,
} from './codes/index.js';
export { type Compiled, compile } from './compile.js';
export { format } from './format/index.js';
export { type FileAccess, type ModelConfig, noFiles } from './link/index.js';
export { canonicalJson, planDigest } from './lower/canonical.js';
export { type CheckedPlan, checkPlan } from './lower/check-plan.js';
export { assertPlan } from './lower/lower.js';
export { planSchema } from './lower/plan-schema.js';
export { diagnosticToJson, type JsonDiagnostic, type JsonRange } from './report.js';
export { type Parsed, parse } from './syntax/index.js';
