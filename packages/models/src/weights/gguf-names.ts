/** What was done to a parameter when the file was written, and has to be undone. */
export type GgufChange = 'rotary' | 'transposed' | 'one-added';

/** A parameter's key in a Hugging Face checkpoint. */
export interface GgufName {
  readonly key: string;
  readonly change?: GgufChange;
}

type Names = { readonly [name: string]: string };

const LLAMA: Names = {
  attn_norm: 'input_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  ffn_norm: 'post_attention_layernorm',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
};

const LLAMA_ENDS: Names = {
  token_embd: 'model.embed_tokens',
  output_norm: 'model.norm',
  output: 'lm_head',
};

interface Naming {
  readonly ends: Names;
  readonly blocks: string;
  readonly inBlock: Names;
  /** Changes by name, without and inside blocks. */
  readonly changes: { readonly [name: string]: GgufChange };
}

const llama: Naming = { ends: LLAMA_ENDS, blocks: 'model.layers', inBlock: LLAMA, changes: {} };

// What llama.cpp's converter calls the parameters of each architecture, and what it does to them.
const NAMINGS: ReadonlyMap<string, Naming> = new Map([
  ['llama', { ...llama, changes: { attn_q: 'rotary', attn_k: 'rotary' } }],
  ['qwen2', llama],
  [
    'gemma',
    {
      ...llama,
      changes: { attn_norm: 'one-added', ffn_norm: 'one-added', output_norm: 'one-added' },
    },
  ],
  [
    'phi3',
    { ...llama, inBlock: { ...LLAMA, attn_qkv: 'self_attn.qkv_proj', ffn_up: 'mlp.gate_up_proj' } },
  ],
  [
    'gpt2',
    {
      ends: {
        token_embd: 'transformer.wte',
        position_embd: 'transformer.wpe',
        output_norm: 'transformer.ln_f',
        output: 'lm_head',
      },
      blocks: 'transformer.h',
      inBlock: {
        attn_norm: 'ln_1',
        attn_qkv: 'attn.c_attn',
        attn_output: 'attn.c_proj',
        ffn_norm: 'ln_2',
        ffn_up: 'mlp.c_fc',
        ffn_down: 'mlp.c_proj',
      },
      changes: {
        attn_qkv: 'transposed',
        attn_output: 'transposed',
        ffn_up: 'transposed',
        ffn_down: 'transposed',
      },
    },
  ],
]);

/** The checkpoint key of a GGUF tensor, by the rules of its architecture; undefined for one they don't name. */
export function ggufName(architecture: string, name: string): GgufName | undefined {
  const naming = NAMINGS.get(architecture);
  const parts = /^(?:blk\.(\d+)\.)?(\w+)\.(weight|bias)$/.exec(name);
  if (!naming || !parts) return undefined;
  const [, block, own = '', kind = ''] = parts;
  const table = block === undefined ? naming.ends : naming.inBlock;
  const inside = Object.hasOwn(table, own) ? table[own] : undefined;
  if (inside === undefined) return undefined;
  const key = block === undefined ? inside : `${naming.blocks}.${block}.${inside}`;
  const change = Object.hasOwn(naming.changes, own) ? naming.changes[own] : undefined;
  // A bias has no rows and columns to exchange.
  if (change === undefined || (change === 'transposed' && kind === 'bias'))
    return { key: `${key}.${kind}` };
  return { key: `${key}.${kind}`, change };
}
