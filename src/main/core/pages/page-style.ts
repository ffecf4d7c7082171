/** The style of every report: no font, image or colour from outside; severity is always a glyph and a word besides a colour. */
export const pageStyle = `
:root {
  --ink: #1c2126; --soft: #5b6570; --line: #d9dee3; --ground: #ffffff; --panel: #f6f8f9;
  --red: #b3261e; --amber: #8a5a00; --green: #1e6b3a; --accent: #1f4e8c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e4e8ec; --soft: #a3adb8; --line: #39424b; --ground: #14181c; --panel: #1c2227;
    --red: #ff8a80; --amber: #f0b64b; --green: #7fd09a; --accent: #8ab8f0;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 40px 32px 48px; max-width: 960px; background: var(--ground); color: var(--ink);
  font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 8px 12px; border-bottom: 2px solid var(--accent); padding-bottom: 12px; }
h1 { font-size: 22px; font-weight: 600; margin: 0; }
h2 { font-size: 16px; font-weight: 600; margin: 32px 0 8px; break-after: avoid; }
p { margin: 8px 0; }
.lead { font-size: 16px; margin: 16px 0 4px; }
.soft, footer { color: var(--soft); }
.badge { border: 1px solid currentColor; border-radius: 4px; padding: 0 8px; font-size: 12px; letter-spacing: .04em; }
table { width: 100%; border-collapse: collapse; margin: 8px 0; }
th, td { text-align: left; vertical-align: top; padding: 6px 16px 6px 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--soft); font-size: 12px; }
thead th { overflow-wrap: normal; }
tbody th { width: 176px; font-size: 14px; font-weight: 400; }
td.amount { text-align: right; white-space: nowrap; }
.short { white-space: nowrap; overflow-wrap: normal; }
tr { break-inside: avoid; }
section.finding { break-inside: avoid; border-left: 4px solid currentColor; background: var(--panel); padding: 8px 16px 10px; margin: 12px 0; }
section.finding > * { color: var(--ink); }
section.finding h3 { margin: 0; font-size: 14px; font-weight: 600; }
section.finding .mark { margin-right: 8px; white-space: nowrap; }
section.red, .red .mark, .mark.red, .badge.red { color: var(--red); }
section.amber, .amber .mark, .mark.amber, .badge.amber { color: var(--amber); }
section.green, .green .mark, .mark.green, .badge.green { color: var(--green); }
.how { color: var(--soft) !important; font-size: 12px; margin: 4px 0 0; }
ul, ol { margin: 6px 0; padding-left: 20px; }
ul.passed { list-style: none; padding: 0; }
code, pre { font: 13px/1.5 ui-monospace, "SFMono-Regular", Menlo, "DejaVu Sans Mono", monospace; }
footer { margin-top: 40px; border-top: 1px solid var(--line); padding-top: 8px; font-size: 12px; }
@page { margin: 16mm; }
@media print {
  :root {
    --ink: #000000; --soft: #444444; --line: #bbbbbb; --ground: #ffffff; --panel: #ffffff;
    --red: #8c1d18; --amber: #6b4600; --green: #144d29; --accent: #1f4e8c;
  }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  section.finding { border: 1px solid var(--line); border-left: 4px solid currentColor; }
}
`;
