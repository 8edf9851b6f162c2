import { fieldCodes } from './fields.js';
import { placeCodes, threatCodes } from './meaning.js';
import { nameCodes } from './names.js';
import { type CodeTable, mergeCodes } from './page.js';
import { textCodes } from './text.js';

export { type CodePage, type CodeTable, codePageToMarkdown, mergeCodes } from './page.js';

/** VF1xx to VF4xx: all that the language can find. */
export const languageCodes = (): CodeTable =>
  mergeCodes(textCodes, nameCodes, placeCodes, threatCodes, fieldCodes);
