import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import { compileGraph, headKnowledge, Slice } from '@vflair/core/session';
import { AdamW, asFloat, floatTensor, intTensor, randomStream, type FloatTensor } from '@vflair/core/tensor';
import { tinyWorld, padded } from '../../../packages/core/src/testing/tiny-world.js';
import { tinyBert, tinyGpt2 } from '../tiny-models.js';
import bert from '../../../packages/models/src/families/bert.js';
import { distances } from '../../../packages/plugins-attacks/src/shared/match.js';

function miniLM(blocks: number) {
  const dir = '/work/shared/models/all-minilm-l6-v2/';
  const config = JSON.parse(readFileSync(dir + 'config.json', 'utf8'));
  const spec = bert.read(config, 'cls', 2);
  const buf = readFileSync(dir + 'model.safetensors');
  const n = Number(buf.readBigUInt64LE(0));
  const header = JSON.parse(buf.subarray(8, 8 + n).toString());
  const half = (h: number) => { const s = h >> 15 ? -1 : 1, e = (h >> 10) & 31, f = h & 1023; return e === 0 ? s * 2 ** -14 * (f / 1024) : s * 2 ** (e - 15) * (1 + f / 1024); };
  const cache = new Map<string, FloatTensor>();
  const stored = (key: string) => {
    const c = cache.get(key); if (c) return c;
    const name = [key, ...spec.aliases(key)].find((k) => header[k]);
    const { shape, data_offsets: [a, b] } = header[name!];
    const u = new Uint16Array(buf.buffer.slice(buf.byteOffset + 8 + n + a, buf.byteOffset + 8 + n + b));
    const t = floatTensor(shape, Float32Array.from(u, half)); cache.set(key, t); return t;
  };
  const weights = { stored, trained: new Map(), adapters: new Map() };
  const part = { embed: true, first: 0, end: blocks, output: false };
  const vocab = readFileSync(dir + 'vocab.txt', 'utf8').split('\n');
  const id = new Map(vocab.map((w, i) => [w, i]));
  const sentences = ['please call john smith at noon about the missing invoice from march', 'the patient was given two doses of insulin before the surgery on friday', 'our account number is four five nine and the password is orange river', 'she moved from berlin to a small town near the border with france in winter', 'transfer nine hundred dollars to maria garcia before the end of the week', 'the old captain looked at the white whale and ordered the men to row', 'we will meet in the garden behind the church at seven in the evening', 'a cheap loan is waiting for you click here to claim your free prize now'];
  const text = sentences.map((s) => [101, ...s.split(' ').map((w) => id.get(w) ?? 100), 102]);
  return { spec, head: headKnowledge(spec, part, weights, 'exact'), slice: new Slice(spec, part, weights), text };
}

type Head = ReturnType<typeof headKnowledge>;
interface Opt { steps: number; lr: number; snaps: number; loss: 'squared' | 'cosine'; schedule?: 'const' | 'cos'; white?: boolean; init?: 'normal' | 'mean' ; log?: boolean; tau?: number; warm?: boolean }
async function vmi(head: Head, target: FloatTensor, mask: any, truth: number[][], o: Opt) {
  const d = head.hidden, V = head.vocabulary, E = head.embedding.data;
  const mean = new Float32Array(d), std = new Float32Array(d);
  for (let v = 0; v < V; v++) for (let j = 0; j < d; j++) mean[j]! += E[v * d + j]! / V;
  for (let v = 0; v < V; v++) for (let j = 0; j < d; j++) std[j]! += (E[v * d + j]! - mean[j]!) ** 2 / V;
  for (let j = 0; j < d; j++) std[j] = Math.sqrt(std[j]!);
  const all = Math.sqrt(std.reduce((s, x) => s + x * x, 0) / d);
  if (o.white === false) { std.fill(all); }
  const unit = new Float32Array(E.length);
  for (let v = 0; v < V; v++) { let n = 0; for (let j = 0; j < d; j++) n += E[v * d + j]! ** 2; n = Math.sqrt(n) || 1; for (let j = 0; j < d; j++) unit[v * d + j] = E[v * d + j]! / n; }
  const m = await compileGraph((g) => {
    const z = g.input('z', 'float32', ['batch', 'seq', d]);
    const received = g.input('received', 'float32', ['batch', 'seq', d]);
    const mk = g.input('mask', 'int64', ['batch', 'seq']);
    const tokens = g.add(g.mul(z, g.constant(floatTensor([d], std))), g.constant(floatTensor([d], mean)));
    const sent = head.forward(g, tokens, mk);
    const dist = distances(g, { sent, received, mask: g.unsqueeze(g.cast(mk, 'float32'), [2]) }, { sentOnly: false });
    const n = g.sum(g.cast(mk, 'float32'), [1]);
    return { loss: g.div(g.sum(dist, [1]), n), pos: dist };
  }, { of: 'loss', wrt: ['z'] });
  const dec = await compileGraph((g) => {
    const z = g.input('z', 'float32', ['n', d]);
    const tokens = g.add(g.mul(z, g.constant(floatTensor([d], std))), g.constant(floatTensor([d], mean)));
    return { ids: g.argMax(g.matMul(tokens, g.constant(floatTensor([V, d], unit)), { transB: true }), 1) };
  });
  const [B = 0, S = 0] = mask.shape;
  const rng = randomStream('vmi');
  const z = floatTensor([B, S, d], Float32Array.from({ length: B * S * d }, () => o.init === 'mean' ? 0 : rng.normal()));
  const snapEvery = Math.ceil(o.steps / (o.snaps + 1));
  let adam = new AdamW({ learningRate: o.lr });
  const best = new Float64Array(B).fill(Infinity); const bestTok: number[][] = truth.map(() => []);
  const bestZ = z.data.slice(); const bestL = new Float64Array(B).fill(Infinity);
  const acc = (tok: number[][]) => { let a = 0, n = 0; truth.forEach((r, i) => r.forEach((id, s) => { n++; if (tok[i]![s] === id) a++; })); return (a / n).toFixed(3); };
  const enc = (ids: ArrayLike<number>) => { const out = new Float32Array(ids.length * d); for (let i = 0; i < ids.length; i++) for (let j = 0; j < d; j++) out[i * d + j] = (E[ids[i]! * d + j]! - mean[j]!) / std[j]!; return out; };
  const line: string[] = []; const fixed = new Uint8Array(B * S);
  const scale = new Float64Array(B*S); for (let p=0;p<B*S;p++){ for(let j=0;j<d;j++) scale[p]! += target.data[p*d+j]!**2/d; }
  const read = async (adopt: boolean) => {
    const ids = Array.from((await dec.run({ z: floatTensor([B * S, d], bestZ) })).ids!.data as BigInt64Array, Number);
    const hard = enc(ids);
    const { loss, pos } = await m.run({ z: floatTensor([B, S, d], hard), received: target, mask });
    const l = asFloat(loss!).data;
    for (let r = 0; r < B; r++) if (l[r]! < best[r]!) { best[r] = l[r]!; bestTok[r] = ids.slice(r * S, r * S + S); }
    if (adopt && o.tau) { const pd = asFloat(pos!).data; z.data.set(bestZ); let nf=0; for (let p=0;p<B*S;p++) { fixed[p]=0; if (pd[p]! < o.tau*scale[p]!) { fixed[p]=1; nf++; z.data.set(hard.subarray(p*d,p*d+d), p*d); } } bestL.fill(Infinity); line.push('fixed '+nf); }
    else if (adopt) for (let r = 0; r < B; r++) { const t = enc(bestTok[r]!); z.data.set(t, r * S * d); bestL[r] = Infinity; }
    const mb = [...bestL].reduce((a, b) => a + b, 0) / B;
    line.push(`${acc(Array.from({ length: B }, (_, r) => ids.slice(r * S, r * S + S)))}/${acc(bestTok)} (${[...l].reduce((a,b)=>a+b,0)/B}`.slice(0, 24) + ')');
  };
  const t0 = performance.now();
  for (let t = 0; t < o.steps; t++) {
    const out = await m.run({ z, received: target, mask });
    const l = asFloat(out.loss!).data;
    for (let r = 0; r < B; r++) if (l[r]! < bestL[r]!) { bestL[r] = l[r]!; bestZ.set(z.data.subarray(r * S * d, (r + 1) * S * d), r * S * d); }
    const u = o.snaps ? (t % snapEvery) / snapEvery : t / o.steps;
    const rate = o.schedule === 'const' ? 1 : 0.5 * (1 + Math.cos(Math.PI * u));
    if (o.tau) { const gz = asFloat(out.dz!).data; for (let p=0;p<B*S;p++) if (fixed[p]) gz.fill(0,p*d,p*d+d); }
    adam.step(new Map([['z', z]]), new Map([['z', asFloat(out.dz!)]]), rate);
    if (o.snaps && (t + 1) % snapEvery === 0 && t + 1 < o.steps) { await read(true); if(!o.warm) adam = new AdamW({ learningRate: o.lr }); }
  }
  if (o.log) { const ids = Array.from((await dec.run({ z: floatTensor([B * S, d], bestZ) })).ids!.data as BigInt64Array, Number); const o2=await m.run({z:floatTensor([B,S,d],enc(ids)),received:target,mask}); const pd=asFloat(o2.pos!).data; truth.forEach((r,i)=>r.forEach((id,s)=>{ if(ids[i*S+s]!==id){ const e=new Float32Array(d); for(let j=0;j<d;j++) e[j]=mean[j]!+std[j]!*bestZ[(i*S+s)*d+j]!; const cos=[...Array(V).keys()].map(v=>{let a=0;for(let j=0;j<d;j++)a+=e[j]!*unit[v*d+j]!;return [a,v] as const}).sort((a,b)=>b[0]-a[0]); console.log('  wrong row',i,'pos',s,'truth',id,'rank',cos.findIndex(c=>c[1]===id),'got',ids[i*S+s], 'dist', pd[i*S+s]); }})); const pds=[...pd].filter((x,i)=>i%S<truth[Math.floor(i/S)]!.length).sort((a,b)=>a-b); console.log('  dist quantiles', pds[0], pds[pds.length>>1], pds.at(-12), pds.at(-1)); }
  const fl = [...bestL].reduce((a, b) => a + b, 0) / B;
  await read(false);
  const secs = ((performance.now() - t0) / 1000).toFixed(1);
  await m.close(); await dec.close();
  return `acc ${acc(bestTok)} cont-loss ${fl.toExponential(1)} D ${( [...best].reduce((a, b) => a + b, 0) / B).toExponential(1)} [${line.join(' ')}] ${secs}s`;
}

const base: Opt = { steps: 100, lr: 0.1, snaps: 0, loss: 'squared' };
test('scan', { timeout: 600000 }, async () => {
  const cases: [string, any][] = [];
  for (const spread of (process.env.SPREADS ?? "0.02,0.2").split(",").filter(Boolean).map(Number)) {
    for (const [name, spec] of [['bert', tinyBert('cls', { vocabulary: 1000, hidden: 64, heads: 4 })], ['gpt2', tinyGpt2('lm', { vocabulary: 1000, hidden: 64, heads: 4 })]] as const) {
      const w = tinyWorld(spec, { seed: 'a', blocks: 2, spread });
      const text = w.text(8, [10, 16]);
      cases.push([`${name} ${spread}`, { head: w.head, msg: await w.send(text), text }]);
    }
  }
  for (const blocks of (process.env.BLOCKS ?? "1,2").split(",").filter(Boolean).map(Number)) {
    const mini = miniLM(blocks);
    const inp = padded(mini.text);
    const H = asFloat((await mini.slice.forward(inp)).result!);
    cases.push([`miniLM ${blocks}`, { head: mini.head, msg: { tensor: H, mask: inp.mask }, text: mini.text }]);
  }
  const variants: [string, Partial<Opt>][] = JSON.parse(process.env.VARIANTS ?? 'null') ?? [
    ['ref lr', { lr: 0.01 }], ['lr.1', {}], ['lr.3', { lr: 0.3 }], ['lr.3 const', { lr: 0.3, schedule: 'const' }], ['lr.1 nowhite', { white: false }], ['lr.3 snaps3', { lr: 0.3, snaps: 3 }],
  ];
  for (const [name, c] of cases) for (const [v, o] of variants) {
    console.log(name.padEnd(12), v.padEnd(14), await vmi(c.head, c.msg.tensor, c.msg.mask, c.text, { ...base, ...o }));
  }
});
