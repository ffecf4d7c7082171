import { bytesText } from './bytes-text.ts';

/** The figures that parts and containers report. `#` is the value; `(s)` is dropped for one. */
export const measuredWords = {
  residentBytes: '# of memory resident',
  memoryBytes: '# of memory used',
  memoryLimitBytes: 'memory limit #',
  modelBytes: 'model file #',
  weightsBytes: 'weights #',
  kvCacheBytes: 'KV cache #',
  computeBytes: 'compute #',
  contextBytes: 'context #',
  contextTokens: 'context of # tokens',
  requests: '# request(s) so far',
  inFlight: '# request(s) in progress',
  waiting: '# request(s) waiting',
  silentSeconds: 'no token for # s',
  upstreamSilentSeconds: 'nothing from the model server for # s',
  cancelled: '# cancelled',
  errors: '# answered with an error',
  failed: '# failed',
  promptTokens: '# prompt token(s)',
  promptTokensEvaluated: '# of them computed, the rest reused',
  completionTokens: '# generated token(s)',
  tokensGenerated: '# generated token(s)',
  tokensPerSecond: '# tokens per second in the last answer',
  device: 'on #',
  gpuLayers: '# layer(s) on the device',
  deviceBytes: '# of device memory',
  driverBytes: '# of it according to the driver',
  notUsed: 'not used: #',
  threads: '# thread(s)',
  modelRequests: '# request(s) to the model',
  suggestions: '# suggestion(s)',
  image: '#',
};

/* Figures that say nothing while they are 0. */
const silentAtZero = ['inFlight', 'waiting', 'upstreamSilentSeconds', 'silentSeconds', 'cancelled', 'errors', 'failed'];

type MeasuredWords = Readonly<Record<string, string>>;

/** A figure with the words before and after it. */
export interface MeasuredFigure {
  name: string;
  before: string;
  value: string;
  after: string;
}

/** Returns the figures reported by a part, in words with their units; unknown names are shown as they are. */
export function measuredFigures(
  measured: Readonly<Record<string, string | number | boolean>>,
  words: MeasuredWords = measuredWords,
): MeasuredFigure[] {
  const said = Object.entries(measured).filter(([name, value]) => value !== 0 || !silentAtZero.includes(kindOf(name)));
  return said.map((one) => measuredFigure(one, words));
}

/** Returns the same figures as texts. */
export function measuredTexts(...of: Parameters<typeof measuredFigures>): string[] {
  return measuredFigures(...of).map(({ before, value, after }) => before + value + after);
}

/* A figure of one of several models has its served name behind a dot. */
function kindOf(name: string): string {
  return name.split('.', 1)[0] ?? name;
}

function measuredFigure([name, value]: [string, string | number | boolean], words: MeasuredWords): MeasuredFigure {
  const kind = kindOf(name);
  const said = Object.hasOwn(words, kind) ? words[kind] : undefined;
  if (said === undefined) return { name, before: `${name} `, value: String(value), after: '' };
  const of = kind === name ? '' : `${name.slice(kind.length + 1)}: `;
  const [before = '', after = ''] = said.replace('(s)', value === 1 ? '' : 's').split('#');
  return { name, before: of + before, value: valueText(name, value), after };
}

function valueText(name: string, value: string | number | boolean): string {
  if (typeof value !== 'number') return String(value);
  if (name.endsWith('Bytes')) return bytesText(value);
  return (value >= 100 ? Math.round(value) : value).toLocaleString('en');
}
