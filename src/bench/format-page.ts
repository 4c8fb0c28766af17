// SPDX-License-Identifier: Apache-2.0
/** What the HTML files have in common: one file that needs nothing else, on a phone, in the dark, on paper. */

/** @param title and `body` as HTML */
export function formatPage(title: string, body: string): string {
  return `<!doctype html>
<!-- SPDX-License-Identifier: Apache-2.0 -->
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Unikernel Linux: ${title}</title>
<style>${styles}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

const styles = `
:root { --text: #1b1f24; --soft: #667; --back: #fff; --line: #d8dce2; --fewer: #1a7f4b; --more: #b3401c; --badge: #e7edf7; --blue: #1f5fbf; --violet: #8a3fb0; --ochre: #9a6b00; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e7ec; --soft: #99a; --back: #14171b; --line: #343a44; --fewer: #4cc38a; --more: #f08a5d; --badge: #263145; --blue: #6ea8fe; --violet: #c792ea; --ochre: #e0b050; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 75rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.badge { background: var(--badge); border-radius: 1rem; padding: .1rem .7rem; font-size: .85rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; width: 100%; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; white-space: nowrap; }
th:first-child { text-align: left; font-weight: normal; white-space: normal; min-width: 10rem; }
thead th { font-weight: bold !important; white-space: normal; }
td small { display: block; color: var(--soft); }
.fewer b, .passed b { color: var(--fewer); } .more b, .failed { color: var(--more); } .same { color: var(--soft); } .same b { font-weight: normal; }
dt { font-weight: bold; } dd { margin: 0 0 .5rem; } .hash { overflow-wrap: anywhere; color: var(--soft); font-size: .85rem; }
svg { display: block; width: 100%; height: auto; max-width: 40rem; } svg text { fill: var(--text); font: 11px system-ui, sans-serif; }
svg.flames { max-width: none; min-width: 60rem; } svg.flames text { fill: #fff; pointer-events: none; } h3 { font-size: 1rem; margin-bottom: .3rem; }
svg .axis { stroke: var(--soft); } svg .fewer { fill: var(--fewer); } svg .more { fill: var(--more); } svg .same { fill: var(--soft); opacity: .5; }
svg .grid { stroke: var(--line); } svg .curve { fill: none; stroke-width: 1.8; } svg.curves text { font-size: 10px; }
svg .series0 { stroke: var(--text); } svg .series1 { stroke: var(--soft); stroke-dasharray: 2 2; } svg .series2 { stroke: var(--blue); } svg .series3 { stroke: var(--more); stroke-dasharray: 7 2; }
svg .series4 { stroke: var(--fewer); stroke-dasharray: 4 2; } svg .series5 { stroke: var(--violet); stroke-dasharray: 9 2 2 2; } svg .series6 { stroke: var(--ochre); } svg .series7 { stroke: var(--blue); stroke-dasharray: 1 2; }
@media print { body { max-width: none; font-size: 9pt; } .scroll { overflow: visible; } td, th { white-space: normal; padding: .1rem .3rem; font-size: 7pt; } svg { max-width: 24rem; } svg.flames { max-width: none; min-width: 0; } tr, svg { break-inside: avoid; } h2, h3 { break-after: avoid; } }
`;
