/** How pages look. */

/** The page's rules. Colours are variables, which the chart script reads too: shades 0 to 3 of each
 * tone, hues 0 to 7. `.paper` on the root keeps the light ones, as printing needs. */
export const pageStyle = `
:root{color-scheme:light;--bg:#fbfbf9;--card:#fff;--text:#1e232b;--muted:#667080;--line:#dfe1de;--grid:#e9eae7;--link:#2458a6;
--good-ink:#1b7a50;--bad-ink:#b3261e;--warn-ink:#8a5a00;--neutral-ink:#566070;
--good0:#a3d9bd;--good1:#63b78f;--good2:#1b7a50;--good3:#0f4f36;
--bad0:#e0564d;--bad1:#8d1c2c;--bad2:#c22f3d;--bad3:#b8477c;
--warn0:#e8ae3f;--warn1:#c7793a;--warn2:#94620c;--warn3:#b8860b;
--neutral0:#c5cbd3;--neutral1:#949dab;--neutral2:#6b7585;--neutral3:#a08f6f;
--hue0:#2f6fc0;--hue1:#dc7a1c;--hue2:#15938c;--hue3:#8b55bd;--hue4:#bd3f75;--hue5:#7d8c24;--hue6:#5c6675;--hue7:#9c6a3a}
@media screen and (prefers-color-scheme:dark){:root:not(.paper){color-scheme:dark;--bg:#15181d;--card:#1b1f25;--text:#e4e7eb;--muted:#98a2b0;--line:#323943;--grid:#272d35;--link:#8ab4f0;
--good-ink:#63cf9f;--bad-ink:#ff8d85;--warn-ink:#f0bd5a;--neutral-ink:#a9b2bf;
--good0:#235c45;--good1:#37896a;--good2:#63cf9f;--good3:#b5efd3;
--bad0:#ea5f59;--bad1:#f6b1a9;--bad2:#ff8d85;--bad3:#d071a3;
--warn0:#d99d33;--warn1:#96602c;--warn2:#f0bd5a;--warn3:#f5d798;
--neutral0:#4a5360;--neutral1:#6f7987;--neutral2:#a0a9b6;--neutral3:#b3a586;
--hue0:#5e9bea;--hue1:#ec9440;--hue2:#35b7ae;--hue3:#b285e2;--hue4:#e0719f;--hue5:#a9b84c;--hue6:#93a0b2;--hue7:#c69463}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0 auto;padding:2rem clamp(1rem,4vw,3rem) 4rem;max-width:88rem;background:var(--bg);color:var(--text);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .4rem;letter-spacing:-.01em}
h2{font-size:1.25rem;line-height:1.3;margin:0}
a{color:var(--link)}
p{margin:.7rem 0;max-width:72ch;white-space:pre-line}
.good{color:var(--good-ink)}.bad{color:var(--bad-ink)}.warn{color:var(--warn-ink)}.neutral{color:var(--neutral-ink)}
.sign{font-weight:700;margin-right:.35em}
.summary{color:var(--muted);font-size:1.05rem}
.verdict{display:inline-block;margin:.6rem 0 .4rem;padding:.45rem 1rem;border:1px solid;border-left-width:6px;border-radius:6px;background:var(--card);font-size:1.35rem;font-weight:650}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,15rem),1fr));gap:.5rem 1.5rem;margin:1.2rem 0;padding:.9rem 1.1rem;background:var(--card);border:1px solid var(--line);border-radius:8px}
dt,.units,figcaption small{color:var(--muted);font-size:.8125rem}
dt{line-height:1.3}dd{margin:0}.wide{grid-column:1/-1}
nav{margin:1.2rem 0}nav ol{margin:0;padding-left:1.6rem;columns:16rem;column-gap:2rem}nav li{break-inside:avoid}
section{margin-top:2.4rem;padding-top:1.1rem;border-top:1px solid var(--line);scroll-margin-top:.5rem}
summary{cursor:pointer}summary h2{display:inline}
.empty{color:var(--muted);font-style:italic}
.scroll{overflow-x:auto;margin:1rem 0;border:1px solid var(--line);border-radius:8px;background:var(--card);width:fit-content;max-width:100%}
table{width:max-content;border-collapse:separate;border-spacing:0;font-size:.9375rem;overflow-wrap:normal}
caption{padding:.6rem .8rem .2rem;text-align:left;color:var(--muted)}
th,td{padding:.4rem .8rem;text-align:left;vertical-align:baseline;border-bottom:1px solid var(--grid)}
th{font-weight:600;font-size:.8125rem;color:var(--muted);vertical-align:bottom}
tbody tr:last-child>*{border-bottom:0}tbody tr:hover>*{background:var(--bg)}
.r{text-align:right}td.r{white-space:nowrap}td:not(.r){max-width:24rem}td.neutral{color:inherit}
th:first-child,td:first-child{position:sticky;left:0;background:var(--card)}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,23rem),1fr));gap:1rem;margin:1rem 0}
.chart{position:relative;margin:1rem 0;padding:.8rem .8rem .6rem;min-width:0;background:var(--card);border:1px solid var(--line);border-radius:8px;break-inside:avoid}
.grid>.chart{margin:0}
.x{position:absolute;top:.8rem;right:.8rem;padding-left:.8rem;background:var(--card);font-size:.8125rem;line-height:1.7;color:var(--muted)}.x:has(output:empty){visibility:hidden}.x output{font-weight:600;color:var(--text)}
figcaption{font-weight:600;line-height:1.35}
.units{display:flex;justify-content:space-between;gap:1rem;margin-top:.2rem;line-height:1.3}.units span:last-child{text-align:right}
.plot{overflow:hidden}.plot .u-cursor-x{border-color:var(--muted)}.plot .u-select{background:color-mix(in srgb,var(--link) 15%,transparent)}
.legend,.marks{margin:.35rem 0 0;padding:0;font-size:.8125rem;line-height:1.5}
.legend{display:flex;flex-wrap:wrap;gap:0 1.1rem;list-style:none}
.legend li{white-space:nowrap;max-width:100%;overflow:hidden;text-overflow:ellipsis}
.legend output{display:inline-block;min-width:2.8em;margin-left:.4em;font-weight:600}
.legend i{display:inline-block;width:.75em;height:.75em;margin-right:.4em;border-radius:2px;background:var(--c)}
.legend .line{width:1.2em;height:0;border-top:.2em solid var(--c);border-radius:0;background:none;vertical-align:.25em}.legend .dashed{border-top-style:dashed}.legend .points{border-radius:50%;width:.6em;height:.6em}
.marks{display:none;padding-left:1.8rem;columns:14rem}.marks li{break-inside:avoid}.numbered .marks{display:block}
@media(max-width:34rem){body{padding-top:1.2rem}h1{font-size:1.4rem}th,td{padding:.35rem .55rem}td:first-child:not(.r){max-width:38vw}.chart{padding:.6rem .4rem}figcaption,.units,.legend,.marks{margin-left:.3rem;margin-right:.3rem}}
@media print{@page{margin:14mm}body{padding:0;max-width:none;font-size:12px;background:none}table{width:auto}nav{display:none}.grid{grid-template-columns:1fr 1fr}.scroll{overflow:visible}h2,figcaption,caption{break-after:avoid}tr{break-inside:avoid}}
.paper body{width:680px;padding:0;font-size:12px}.paper .grid{grid-template-columns:1fr 1fr}
`;

/** What changes where scripts don't run: there is no room to keep for charts. */
export const withoutScriptStyle =
  ".plot,.x,.units,.legend output{display:none}.marks{display:block}";
