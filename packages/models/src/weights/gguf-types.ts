/** How a GGUF element type is stored: blocks of `elements` numbers in `bytes` bytes. */
export interface GgufLayout {
  readonly elements: number;
  readonly bytes: number;
}

// Sizes as in ggml's block structures; K-quants are blocks of 256.
const LAYOUTS = {
  F32: { elements: 1, bytes: 4 },
  F16: { elements: 1, bytes: 2 },
  BF16: { elements: 1, bytes: 2 },
  Q4_0: { elements: 32, bytes: 18 },
  Q4_1: { elements: 32, bytes: 20 },
  Q5_0: { elements: 32, bytes: 22 },
  Q5_1: { elements: 32, bytes: 24 },
  Q8_0: { elements: 32, bytes: 34 },
  Q2_K: { elements: 256, bytes: 84 },
  Q3_K: { elements: 256, bytes: 110 },
  Q4_K: { elements: 256, bytes: 144 },
  Q5_K: { elements: 256, bytes: 176 },
  Q6_K: { elements: 256, bytes: 210 },
} as const satisfies { readonly [name: string]: GgufLayout };

/** Element types that are read. */
export type GgufType = keyof typeof LAYOUTS;

/** The block types among them. */
export type QuantisedType = Exclude<GgufType, 'F32' | 'F16' | 'BF16'>;

// Numbers of ggml's `enum ggml_type`.
const BY_NUMBER: ReadonlyMap<number, GgufType> = new Map([
  [0, 'F32'],
  [1, 'F16'],
  [2, 'Q4_0'],
  [3, 'Q4_1'],
  [6, 'Q5_0'],
  [7, 'Q5_1'],
  [8, 'Q8_0'],
  [10, 'Q2_K'],
  [11, 'Q3_K'],
  [12, 'Q4_K'],
  [13, 'Q5_K'],
  [14, 'Q6_K'],
  [30, 'BF16'],
]);

/** Whether numbers of a type are stored in blocks with common scales. */
export function isQuantised(type: string): type is QuantisedType {
  return Object.hasOwn(LAYOUTS, type) && type.startsWith('Q');
}

/** The type a file's number stands for; undefined for those that are not read (IQ…, integers, …). */
export function ggufType(number: number): GgufType | undefined {
  return BY_NUMBER.get(number);
}

/** How a type is stored. */
export function layoutOf(type: GgufType): GgufLayout {
  return LAYOUTS[type];
}

/** All types that are read, for messages. */
export function ggufTypes(): string[] {
  return Object.keys(LAYOUTS);
}
