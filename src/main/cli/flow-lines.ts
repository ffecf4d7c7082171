import type { ChainFlow } from '../../shared/contract/gitlab.ts';

/** Returns a flow as a drawing: a column for each part, and an arrow for each message, from top to bottom. */
export function flowLines({ title, leavesNetwork, parts, messages }: ChainFlow): string[] {
  const longest = Math.max(...messages.map((one) => one.text.length), ...parts.map((one) => one.title.length));
  const width = longest + 6;
  const middle = (at: number) => at * width + Math.floor(width / 2);
  const size = parts.length * width;
  const lifelines = () => {
    const row = new Array<string>(size).fill(' ');
    for (const at of parts.keys()) row[middle(at)] = '│';
    return row;
  };
  const rows = messages.flatMap(({ from, to, text }) => {
    const [start = 0, end = 0] = [from, to].map((id) => parts.findIndex((one) => one.id === id)).map(middle);
    const [words, arrow] = [lifelines(), lifelines()];
    if (start === end) {
      words.splice(start + 2, text.length, ...text);
      return [words];
    }
    const [left, right] = [Math.min(start, end), Math.max(start, end)];
    words.splice(left + 1 + Math.floor((right - left - 1 - text.length) / 2), text.length, ...text);
    arrow.fill('─', left + 1, right);
    if (end > start) arrow[right - 1] = '▶';
    else arrow[left + 1] = '◀';
    return [words, arrow];
  });
  const head = parts.map((one) => {
    const before = Math.floor((width - one.title.length) / 2);
    return `${' '.repeat(before)}${one.title}`.padEnd(width);
  });
  return [
    `${leavesNetwork ? '■' : '●'} ${title}`,
    ...parts.map((one) => `  ${one.title}: ${one.address}`),
    '',
    head.join('').trimEnd(),
    ...rows.map((row) => row.join('').trimEnd()),
    '',
  ];
}
