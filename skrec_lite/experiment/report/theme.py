"""The style of a report: one column, light and dark, on paper and on a telephone; nothing from elsewhere."""

from __future__ import annotations

from typing import Final

CSS: Final = """
:root { color-scheme: light dark; --paper: #ffffff; --shade: #f3f6f8; --ink: #1c2730; --soft: #55626b;
  --rule: #d5dde3; --link: #0b6a9f; --warn: #fff4e0; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #12181d; --shade: #1b242b; --ink: #e6ecf0; --soft: #a4b1ba; --rule: #33414c;
    --link: #6cbcea; --warn: #38290f; }
  .name { --in: var(--on-dark); }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main, header, footer { max-width: 880px; margin: 0 auto; padding: 0 16px; overflow-wrap: anywhere; }
header { padding-top: 28px; }
h1 { font-size: 1.65rem; line-height: 1.25; margin: 0 0 .3rem; }
h2 { font-size: 1.25rem; margin: 2.4rem 0 .6rem; padding-top: .6rem; border-top: 1px solid var(--rule); }
h3 { font-size: 1rem; margin: 1.5rem 0 .4rem; }
p, ul, ol, dl { margin: .5rem 0; }
ul, ol { padding-left: 1.25rem; }
li { margin: .2rem 0; }
a { color: var(--link); }
.soft, figcaption, caption, nav { color: var(--soft); }
.soft, figcaption, caption { font-size: .875rem; }
.answer { font-size: 1.12rem; font-weight: 600; }
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1rem; }
.note { background: var(--warn); padding: .6rem .9rem; border-radius: 4px; }
.wide { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; font-variant-numeric: tabular-nums; }
.wide { overflow-wrap: normal; }
caption { text-align: left; padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .28rem .6rem .28rem 0;
  border-bottom: 1px solid var(--rule); }
th { font-weight: 600; }
thead th { border-bottom: 2px solid var(--rule); vertical-align: bottom; }
td.n, th.n { text-align: right; padding: .28rem 0 .28rem .9rem; }
td.n { white-space: nowrap; }
tbody th { min-width: 8rem; }
td:not(.n), tbody th { overflow-wrap: break-word; max-width: 26rem; }
tr.changed { background: var(--shade); font-weight: 600; }
figure { margin: 1rem 0; max-width: 760px; }
p, ul, ol, dl { max-width: 760px; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--ink); font-size: 13px; }
svg text.tick { fill: var(--soft); font-size: 12px; }
svg text.name { fill: var(--in, var(--on-light)); font-weight: 600; }
svg text.on-strong { fill: #ffffff; }
svg .grid { stroke: var(--rule); stroke-width: 1; }
svg .edge { stroke: #808080; stroke-width: 1.2; }
svg .zero { stroke: var(--ink); stroke-width: 1.2; stroke-dasharray: 3 3; }
svg .part { stroke: var(--paper); stroke-width: 1; }
.on-narrow { display: none; }
pre { background: var(--shade); padding: .8rem; overflow-x: auto; font-size: .8rem; line-height: 1.45;
  white-space: pre; border-radius: 4px; }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
summary { cursor: pointer; }
dt { font-weight: 600; margin-top: .6rem; }
dd { margin: 0; }
footer { padding: 2rem 16px 3rem; color: var(--soft); font-size: .875rem; }
@media (max-width: 640px) {
  .on-wide { display: none; }
  .on-narrow { display: block; }
  h1 { font-size: 1.35rem; }
}
@media print {
  :root { color-scheme: light; --paper: #ffffff; --shade: #f3f6f8; --ink: #000000; --soft: #444444;
    --rule: #cccccc; --link: #000000; --warn: #f5f5f5; }
  .name { --in: var(--on-light); }
  body { font-size: 11pt; }
  main, header, footer { max-width: none; }
  nav, .files { display: none; }
  .wide { overflow: visible; }
  figure, tr, dt, dd { break-inside: avoid; }
  h2, h3, caption { break-after: avoid; }
  svg, .part, tr.changed { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
"""
