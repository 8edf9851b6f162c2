/** The part of the style sheet that is about pictures, texts and paper. */
export const figureStyle = `
.overview table{table-layout:fixed}
.overview th:first-child{width:27%}
.overview td b{font-size:1.06rem}
.overview td small.range{display:inline;margin-left:.6em}
.overview thead th{white-space:normal}
.overview .by{overflow-wrap:anywhere}
.bar{display:block;width:100%;overflow:visible;margin:0 0 .15rem}
.bar .rail{stroke:var(--rule);stroke-width:1}
.bar .fill{stroke-width:3}
.bar .whisker{stroke:currentColor;stroke-width:9;opacity:.25}
.bar .tick{stroke:var(--ink);stroke-width:1.5}
.bar .ceiling{stroke-dasharray:2 2;stroke-width:2}
.bar.leak{color:var(--leak)}.bar.use{color:var(--ink)}
.bar .fill{stroke:currentColor}.bar .dot{fill:currentColor}
.bar .open{fill:var(--paper);stroke:currentColor;stroke-width:2}
figure{margin:1.2rem 0}
figcaption{font:italic .9375rem/1.5 var(--serif);color:var(--soft);margin-top:.7rem}
figcaption::before{counter-increment:figure;content:"Figure " counter(figure) ". ";font-style:normal;font-weight:650;color:var(--ink)}
.scene{display:grid;grid-template-columns:minmax(0,1fr);gap:0 2.2rem;margin-bottom:2.4rem}
.scene figure,.scene details{min-width:0}
.scene .words p{margin-bottom:.5em;font-size:1rem;line-height:1.52}
.scene h3{margin:.3rem 0 .5rem}
.scene figure{margin-top:.4rem;overflow-x:auto}
@media (min-width:50rem){.scene{grid-template-columns:26rem minmax(0,1fr)}}
.scene h3,.scene .more{grid-column:1/-1}
.lanes{display:block;max-width:100%;height:auto;margin-inline:auto;font-family:var(--sans)}
.lanes text{text-anchor:middle;fill:var(--ink);font-size:13px}
.lanes .party{font-weight:650;font-size:16px}
.lanes .name{font-weight:650;font-size:14px}
.lanes .note{fill:var(--soft);font-size:12px}
.lanes .life{stroke:var(--rule);stroke-width:1.5}
.lanes .box{fill:var(--tint);stroke:var(--ink);stroke-width:1.25}
.lanes .wire{stroke:var(--ink);stroke-width:1.25}
.lanes .tip{fill:var(--ink)}
.lanes .granted .wire{stroke:var(--leak);stroke-width:3}
.lanes .granted .tip{fill:var(--leak)}
.lanes .granted .kind{font-weight:650}
.lanes .withheld .wire,.lanes .none .wire{stroke-dasharray:4 4}
.lanes .shield{fill:var(--paper);stroke:var(--ink);stroke-width:1.5}
.lanes .reader{fill:var(--leak);font-size:12px;font-weight:600}
.lanes .revealed{fill:var(--leak);font-weight:700}
.chart svg{display:block;width:100%;height:auto;overflow:visible}
.chart text{font-family:var(--sans);paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}
.chart .wide svg{max-width:44rem}
.chart .narrow{display:none}
@media (max-width:36rem){.chart .wide{display:none}.chart .narrow{display:block}}
.chip{display:inline-block;width:.7em;height:.7em;border-radius:50%;background:currentColor}
.c1{color:var(--c1)}.c2{color:var(--c2)}.c3{color:var(--c3)}.c4{color:var(--c4)}.c5{color:var(--c5)}.c6{color:var(--c6)}
.legend{font:.875rem/1.6 var(--sans)}
details{margin:.7rem 0}
summary{cursor:pointer;font:.875rem/1.6 var(--sans);color:var(--soft);width:fit-content}
summary:hover{color:var(--ink)}
pre{background:var(--tint);padding:.9em 1.1em;overflow:auto;line-height:1.5;margin:.6em 0 1em;max-height:30rem}
pre.command{font-size:.9375rem}
.example{margin-top:1.7rem;border-top:1px solid var(--rule);padding-top:.2rem;break-inside:avoid}
.example h3{margin:.7rem 0 0}
.example .meta{margin-bottom:.6rem}
.tokens,.key{font:.9375rem/1.35 var(--mono);display:flex;flex-wrap:wrap;row-gap:.75rem}
.key{font-size:.8125rem;margin:1.1rem 0}
.pair{display:inline-grid;justify-items:start;max-width:100%;margin-right:1px}
.pair.sp{margin-right:.62em}
.pair bdi{white-space:pre-wrap;overflow-wrap:anywhere;padding-inline:.05em}
.pair bdi:first-child{color:var(--soft)}
.pair.right bdi+bdi{font-weight:700;color:var(--leak);background:var(--leaktint);text-decoration:underline solid 1.5px;text-underline-offset:.28em}
.pair.own bdi:first-child{color:var(--ink);font-weight:700}
.pair.own.right bdi+bdi{text-decoration-style:double}
.pair.wrong bdi+bdi{margin-right:.2em;color:var(--soft);text-decoration:underline dotted;text-underline-offset:.25em}
.pair.special bdi{color:var(--soft);font-style:italic;opacity:.8}
.switches{font:.875rem/1.8 var(--sans)}
.switches select{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--rule);border-radius:3px;padding:.15em .4em;max-width:100%}
.switches label{margin-right:1.2em}
.profiles td small.range{display:inline;margin-left:.6em}
.profiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(20rem,100%),1fr));gap:0 2.4rem}
.ok{color:var(--soft)}.bad{font-weight:700}
footer{border-top:1px solid var(--rule);padding-block:1.4rem 3rem;font:.8125rem/1.6 var(--sans);color:var(--soft)}
@media screen{.off{display:none}}
@media (max-width:36rem){body>*{padding-inline:1.1rem}header{padding-top:2.6rem}body{font-size:1rem}section{padding-top:2.8rem}
.answer p{font-size:1.08rem}.overview th:first-child{width:31%}.overview td small.range{display:block;margin-left:0}th,td{padding-right:.8em}}
@media print{:root{color-scheme:light;--paper:#fff;--ink:#000;--soft:#444;--rule:#bbb;--tint:#f4f4f4;--leak:#a03000;--leaktint:#fbe7da}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
body{font-size:10.5pt}body>*{max-width:none;padding-inline:0}header{padding-top:0}nav,.switches,.skip,.bulk{display:none}
section{padding-top:1.6rem}h2,h3,caption{break-after:avoid}tr,figure,.example{break-inside:avoid}
.scroll{overflow:visible}pre{max-height:none;white-space:pre-wrap}table{font-size:8.5pt;min-width:0}
details::details-content{content-visibility:visible;display:block}
.scene{grid-template-columns:22rem minmax(0,1fr)}
summary{list-style:none}
@page{margin:18mm 16mm}}
`;
