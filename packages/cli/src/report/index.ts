export { buildReport, type RunFacts } from './build-report.js';
export { renderCsv } from './csv.js';
export { renderHtml } from './html/page.js';
export { renderMarkdown } from './markdown.js';
export type * from './report.js';
export { renderTerminal } from './terminal.js';
