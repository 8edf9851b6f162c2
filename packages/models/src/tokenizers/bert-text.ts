/** Chinese characters beyond 16 bits, in the blocks BERT's word splitting names. */
const RARE_CHINESE = /[\u{20000}-\u{2a6df}\u{2a700}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;

/** Settings of a `BertNormalizer` that matter here. */
export interface BertSettings {
  readonly handle_chinese_chars?: boolean;
  readonly lowercase?: boolean;
}

/**
 * What @huggingface/tokenizers leaves out of BERT's normalisation, done before it: it reads 16-bit units, so Chinese
 * characters beyond them get no blanks around; and it lower-cases whole texts, so a capital sigma at the end of a word
 * becomes `ς`, where the reference lower-cases single characters.
 */
export function prepareBertText(text: string, settings: BertSettings): string {
  const spaced = settings.handle_chinese_chars === true ? text.replace(RARE_CHINESE, ' $& ') : text;
  return settings.lowercase === true ? spaced.replaceAll('Σ', 'σ') : spaced;
}
