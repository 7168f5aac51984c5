/**
 * Read half asleep on a phone of 320 px, by day and night, without a font or an image. Lengths are in rem, so that a reader
 * who asked their phone for larger text gets it; every pair of colours has a contrast of at least 4.5 : 1.
 */
export const STYLE = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1a1c1f;--soft:#545c66;--line:#d5d9de;--edge:#767e88;--card:#f4f6f8;--go:#0b6b3a;--go-fg:#fff;--alarm:#b3261e;--alarm-fg:#fff;--note:#fff4d6;--note-fg:#4a3600;--focus:#0b57d0}
@media (prefers-color-scheme:dark){:root{--bg:#101214;--fg:#e8eaed;--soft:#a3abb5;--line:#343a41;--edge:#7d8691;--card:#1b1f23;--go:#2e9e63;--go-fg:#04150b;--alarm:#e5645c;--alarm-fg:#1c0504;--note:#3a2f10;--note-fg:#ffe7ad;--focus:#8ab4f8}}
*{box-sizing:border-box}
html{overflow-anchor:none;-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--fg);font:1.0625rem/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:anywhere}
main{max-width:40rem;margin:0 auto;padding:1rem}
h1{font-size:1.35rem;line-height:1.25;margin:.5rem 0 .25rem}
h2{font-size:1rem;margin:1.75rem 0 .5rem;color:var(--soft)}
p{margin:.5rem 0}
a{color:inherit}
[hidden]{display:none!important}
.top{display:flex;flex-wrap:wrap;gap:.25rem .5rem;align-items:center;color:var(--soft);margin:0}
.badge{background:var(--alarm);color:var(--alarm-fg);border-radius:.35rem;padding:.1rem .5rem;font-weight:700}
.calm{background:var(--go);color:var(--go-fg)}
.code{font-family:ui-monospace,Menlo,Consolas,monospace;font-weight:700;color:var(--fg)}
.state{font-size:1.1rem;font-weight:600;margin:.75rem 0}
.said,.trouble{background:var(--note);color:var(--note-fg);border-radius:.5rem;padding:.75rem 1rem;font-weight:600}
.trouble{position:sticky;top:.5rem;z-index:1;border:2px solid var(--note-fg)}
form{margin:0}
.actions{display:grid;gap:.75rem;margin:1.25rem 0}
button,.button{display:block;width:100%;min-height:3rem;border:1px solid var(--edge);border-radius:.6rem;background:var(--card);color:var(--fg);font:inherit;font-weight:600;line-height:1.3;padding:.75rem 1rem;text-align:center;text-decoration:none;cursor:pointer}
button.main{min-height:4.5rem;border-color:transparent;background:var(--go);color:var(--go-fg);font-size:1.35rem;font-weight:700}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,12rem),1fr));gap:.75rem;margin-top:1rem}
.pair .hint{display:block}
.trio{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,4.5rem),1fr));gap:.75rem}
summary{min-height:3rem;padding:.75rem 0;font-weight:600;cursor:pointer}
details .group{display:grid;gap:.75rem;padding-bottom:.5rem}
.hint{color:var(--soft);font-size:.9rem;margin:0}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
[tabindex="-1"]:focus{outline:0}
.facts{display:grid;grid-template-columns:fit-content(40%) minmax(0,1fr);gap:.25rem .9rem;margin:0}
.facts dt{color:var(--soft)}
.facts dd{margin:0}
ol,ul{list-style:none;margin:0;padding:0;border-top:1px solid var(--line)}
li{padding:.5rem 0;border-bottom:1px solid var(--line)}
li>span{unicode-bidi:plaintext}
.what{display:block}
time{color:var(--soft);font-variant-numeric:tabular-nums;margin-right:.5rem}
.far{color:var(--soft)}
pre{margin:.5rem 0;padding:.75rem;background:var(--card);border-radius:.5rem;font-size:.85rem;white-space:pre-wrap}
.foot{color:var(--soft);font-size:.9rem;margin-top:1.75rem}
.fresh{margin-top:1.25rem}
@media print{.actions,.fresh{display:none}}
`;
