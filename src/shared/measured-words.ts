import { bytesText } from './bytes-text.ts';

/* The figures that parts and containers tell of themselves; `#` is the value, `(s)` goes for one. */
const words: Record<string, string> = {
  residentBytes: 'holds # of memory',
  memoryBytes: 'takes # of memory',
  memoryLimitBytes: 'may take # of memory',
  modelBytes: 'file of #',
  weightsBytes: 'weights #',
  kvCacheBytes: 'KV cache #',
  computeBytes: 'compute #',
  contextBytes: 'context in #',
  contextTokens: 'context of # tokens',
  requests: '# request(s) so far',
  inFlight: '# request(s) at work',
  waiting: '# request(s) waiting',
  cancelled: '# cancelled',
  errors: '# answered with an error',
  failed: '# failed',
  promptTokens: '# token(s) read',
  completionTokens: '# token(s) answered',
  tokensGenerated: '# token(s) answered',
  tokensPerSecond: '# tokens a second at the last answer',
  device: 'on #',
  gpuLayers: '# layer(s) on a GPU',
  threads: '# thread(s)',
  modelRequests: '# request(s) to the model',
  suggestions: '# suggestion(s)',
  image: '#',
};

/** A figure that a part measured of itself, in words with its unit; a name that is not known stays as it is. */
export function measuredText([name, value]: [string, string | number | boolean]): string {
  const said = Object.hasOwn(words, name) ? words[name] : undefined;
  if (said === undefined) return `${name} ${value}`;
  return said.replace('(s)', value === 1 ? '' : 's').replace('#', () => valueText(name, value));
}

function valueText(name: string, value: string | number | boolean): string {
  if (typeof value !== 'number') return String(value);
  if (name.endsWith('Bytes')) return bytesText(value);
  return (value >= 100 ? Math.round(value) : value).toLocaleString('en');
}
