import { inLanguage } from './language.ts';

/** Words of the Probe screen. */
export const probeText = inLanguage('probe', {
  title: 'Probe',
  lead: 'Sends real requests through every hop, starting at the model. Sealift diagnoses the first hop that fails.',
  run: 'Probe all hops',
  again: 'Probe again',
  needSite: 'No site to probe yet.',
  tokenNote:
    'Optional. Without it, the hops through GitLab are not checked. Kept in memory until the request is sent, never saved.',
  watch: 'Watch',
  stopWatching: 'Stop watching',
  watchEvery: 'Watch every',
  every: { 10: '10 s', 60: '1 min', 300: '5 min', 900: '15 min' } as Record<number, string>,
  watchTokenNote: 'Kept in memory while Sealift watches, never saved.',
  history: (n: number) => `Last ${n} probes`,
  requestId: (id: string) => `request ID ${id}`,
  skipped: 'skipped',
  asking: 'in progress',
  waiting: 'waiting',
  answered: 'answered',
  failed: 'failed',
  ms: (n: number) => `${n} ms`,
  http: (status: number) => `HTTP ${status}`,
  words: 'Model response',
  answer: 'Response',
  diagnosis: 'Possible causes',
  sure: { high: 'very likely', medium: 'likely', low: 'possible' },
  seen: 'Evidence',
  reference: (id: string) => `Reference: ${id}`,
  notChecked: 'Not checked',
  at: (when: string) => `Probed ${when}`,
  allGood: (n: number, left: number) =>
    `${n === 1 ? 'The only hop' : `All ${n} hops`} answered a real request.${left > 0 ? ` ${left} ${left === 1 ? 'was' : 'were'} not checked.` : ''}`,
  doubtful: (n: number) =>
    `${n === 1 ? 'The only hop' : `All ${n} hops`} answered, but the findings below put the result in doubt.`,
  red: (title: string) => `First failed hop: ${title}`,
});
