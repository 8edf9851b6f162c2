/**
 * The page's style sheet. One measure of text, one serif for what is read and one sans for what is looked up; vermilion
 * means the adversary (what it may see, what it read) and nothing else; six further colours are the attacks.
 */
export const style = `
:root{color-scheme:light dark;
--paper:#fdfcf9;--ink:#1c1b18;--soft:#5d5a52;--rule:#d9d4c8;--tint:#f5f2ea;--leak:#b03a05;--leaktint:#fbe7da;
--c1:#0b62a4;--c2:#00795a;--c3:#94357a;--c4:#8a6100;--c5:#4a4f9c;--c6:#5f6b00;
--serif:"Iowan Old Style",Charter,"Bitstream Charter","Palatino Linotype",Palatino,"URW Palladio L",P052,Cambria,Georgia,"Liberation Serif",serif;
--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Liberation Sans",Arial,sans-serif;
--mono:ui-monospace,"SF Mono","Cascadia Mono",Menlo,Consolas,"Liberation Mono",monospace}
@media (prefers-color-scheme:dark){:root{
--paper:#17181a;--ink:#ebe7de;--soft:#a9a498;--rule:#3a3b3d;--tint:#202123;--leak:#ff9a66;--leaktint:#40261a;
--c1:#79b8f0;--c2:#4cc9a2;--c3:#e49bcf;--c4:#e0b04a;--c5:#aab0ff;--c6:#bfcb55}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--paper);color:var(--ink);font:1.0625rem/1.6 var(--serif);text-rendering:optimizeLegibility}
body>*{max-width:51rem;margin-inline:auto;padding-inline:1.5rem}
a{color:inherit;text-decoration-color:var(--soft);text-underline-offset:.18em}
a:hover{text-decoration-color:currentColor}
:focus-visible{outline:2px solid var(--leak);outline-offset:2px}
p{margin:0 0 .8em;overflow-wrap:anywhere}
code,pre{font-family:var(--mono);font-size:.86em;overflow-wrap:anywhere}
strong,b{font-weight:650}
.sr{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip:not(:focus){position:absolute;left:-99rem}
.dim,.fine,.meta,.by,.range,.none{color:var(--soft)}
.fine,.meta{font:.8125rem/1.5 var(--sans)}
small{font-size:.8125em}
header{padding-top:4.5rem}
.kicker{font:600 .75rem/1 var(--sans);letter-spacing:.09em;text-transform:uppercase;color:var(--soft);margin-bottom:1.4rem}
h1 span{white-space:nowrap}
h1{font-size:clamp(1.9rem,1.2rem + 3.2vw,3rem);line-height:1.12;font-weight:500;letter-spacing:-.015em;margin:0 0 .5em;text-wrap:balance;overflow-wrap:anywhere}
.about{font-style:italic;color:var(--soft);margin-bottom:.25em;max-width:40rem}
.about b{font:600 .82em var(--sans);color:var(--ink)}
.badge{display:inline-block;font:600 .875rem/1.4 var(--sans);border:1.5px solid currentColor;border-radius:2rem;padding:.3rem .95rem;margin:1.3rem 0 0}
.badge.no{border-radius:0;border-width:2px;padding:.8rem 1.1rem;display:block;background:repeating-linear-gradient(135deg,var(--tint) 0 9px,var(--paper) 9px 18px)}
body.doubted{border-left:12px solid;border-image:repeating-linear-gradient(135deg,var(--ink) 0 6px,var(--paper) 6px 12px) 12}
nav{margin-top:1.6rem;font:.875rem/1.9 var(--sans)}
nav ol{list-style:none;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:0 1.15rem;border-block:1px solid var(--rule);padding-block:.45rem}
nav a{text-decoration:none;color:var(--soft)}
nav a:hover{color:var(--ink);text-decoration:underline}
main{counter-reset:part figure;padding-bottom:5rem}
section{padding-top:3.4rem}
h2{counter-increment:part;font-size:1.55rem;line-height:1.2;font-weight:500;letter-spacing:-.008em;margin:0 0 .8rem;display:flex;gap:.65em;align-items:baseline}
h2::before{content:counter(part);color:var(--soft);font-size:.72em;font-variant-numeric:oldstyle-nums}
h3{font-size:1.06rem;line-height:1.35;font-weight:650;margin:1.9rem 0 .35rem;overflow-wrap:anywhere}
h3 .dim{font-weight:400}
h4{font:600 .8125rem/1.4 var(--sans);margin:1.1rem 0 .3rem;color:var(--soft)}
ul.plain{list-style:none;padding:0;margin:0 0 .8em;font-size:.94em}
ul.plain li{padding-block:.14em;overflow-wrap:anywhere}
#verdict{padding-top:2rem}
#verdict h2{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.answer p{font-size:1.15rem;line-height:1.58;margin-bottom:.75em;hyphens:auto}
.answer p:first-child{font-size:clamp(1.28rem,1.1rem + .9vw,1.58rem);line-height:1.42;letter-spacing:-.006em;margin-bottom:.7em;text-wrap:pretty}
.answer strong{font-weight:700;white-space:nowrap}
.answer code{font-size:.84em}
.next{border-left:3px solid var(--ink);padding:.1em 0 .1em 1em;margin:1.2em 0}
.scroll{overflow-x:auto;margin:1.1rem 0 1.4rem}
table{border-collapse:collapse;width:100%;font:.875rem/1.42 var(--sans);font-variant-numeric:tabular-nums lining-nums;border-block:1.5px solid var(--ink)}
caption{caption-side:top;text-align:left;font:italic .9375rem/1.45 var(--serif);color:var(--soft);padding-bottom:.55rem}
caption span{display:block;position:sticky;left:0;max-width:calc(100vw - 2.2rem)}
.broad{min-width:40rem}
th,td{text-align:left;vertical-align:top;padding:.5em 1.3em .5em 0;overflow-wrap:break-word}
tr>:last-child{padding-right:0}
thead th{font-weight:600;font-size:.8125rem;border-bottom:1px solid var(--ink);vertical-align:bottom;white-space:nowrap}
tbody th{font-weight:600}
tbody tr+tr>*{border-top:1px solid var(--rule)}
.fig{text-align:right;white-space:nowrap}
td small,th small{display:block;font-weight:400;line-height:1.4}
td small.range{white-space:nowrap}
td small.least{display:inline}
th button{all:unset;cursor:pointer;font-weight:600}
th button:focus-visible{outline:2px solid var(--leak)}
th[aria-sort=ascending] button::after{content:" ↑"}
th[aria-sort=descending] button::after{content:" ↓"}
.hash{overflow-wrap:anywhere;font-size:.94em}
`;
