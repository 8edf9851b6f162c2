import type { CodeTable } from '@vflair/dsl';

/** VF576 to VF579: ONNX files. */
export const onnxCodes: CodeTable = {
  VF576: {
    title: 'an ONNX file that can’t be read or contradicts itself',
    explanation:
      'It is no ONNX model, was cut short, names a value twice, uses one that nothing makes, or has nodes that need each other in a circle. Functions inside the file and sparse constants are not read.',
    language: 'text',
    wrong: '12 MB  model.onnx  (48 MB at the source)',
    right: '48 MB  model.onnx  (48 MB at the source)',
  },
  VF577: {
    title: 'a node of an ONNX file that isn’t computed',
    explanation:
      'The message names the node, its operator and the operator set. Operator sets 11 to 23 are read, and the operators of docs/onnx.md; fused attention and quantised operators are not: export the model without optimisation.',
    language: 'sh',
    wrong: 'optimum-cli export onnx --model gpt2 --optimize O4 gpt2-onnx',
    right: 'optimum-cli export onnx --model gpt2 --task text-generation gpt2-onnx',
  },
  VF578: {
    title: 'an ONNX file whose inputs or outputs are not those of a text model',
    explanation:
      'Inputs are `input_ids`, `attention_mask`, `position_ids` and `token_type_ids`, each `[batch, sequence]`, and the ids are looked up in one table. A decoder is exported without past: what it remembers is no input.',
    language: 'sh',
    wrong: 'optimum-cli export onnx --model gpt2 --task text-generation-with-past gpt2-onnx',
    right: 'optimum-cli export onnx --model gpt2 --task text-generation gpt2-onnx',
  },
  VF579: {
    title: 'an ONNX file that can’t be cut into blocks',
    explanation:
      'Between two blocks only the residual stream `[batch, sequence, hidden]` may be needed of what depends on the tokens. Where such places are not found, or not those you mean, name the result of each block as `cuts` in vflair.json beside the file; the message lists places that are possible.',
    language: 'json',
    wrong: '{ "cuts": ["/h.0/attn/MatMul_output_0"] }',
    right: '{ "cuts": ["/h.0/Add_1_output_0", "/h.1/Add_1_output_0"] }',
  },
};
