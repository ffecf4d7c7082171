import type { Traced } from '../../../shared/contract/probe.ts';

/** One line of a log. */
export interface LoggedLine {
  source: string;
  line: string;
  simulated?: true | undefined;
  /** Whether this source writes ids of requests of others at all. Model servers and the front get none from the gateway. */
  hasIds: boolean;
}

const marginMs = 1000;
const maxLines = 2000;

/** A pattern for the id as a whole, and not as a part of another. */
export function idPattern(id: string): RegExp {
  return new RegExp(`(?<![\\w.:-])${id.replace(/[.]/g, '\\.')}(?![\\w:-])`);
}

/**
 * Returns the lines with the id, and of sources without ids those written in the meantime, in the order of their times. A line without a
 * time stays behind the one before it in its log. `leftOut` says how many of them are too many: first those without the id, the latest first.
 */
export function joinTimeline(lines: LoggedLine[], id: string): Pick<Traced, 'lines' | 'leftOut'> {
  const token = idPattern(id);
  const timed = lines.map((one) => ({ ...one, when: whenOf(one.line), isAsked: token.test(one.line) }));
  const { from, to } = wholeSpan(timed);
  const last = new Map<string, number>();
  const found = timed
    .flatMap(({ source, line, simulated, hasIds, when, isAsked }) => {
      const isMeanwhile = !hasIds && when !== undefined && when >= from && when <= to;
      if (!isAsked && !isMeanwhile) return [];
      const order = when ?? last.get(source) ?? from;
      last.set(source, order);
      const at = when === undefined ? null : new Date(when).toISOString();
      const by = isAsked ? ('id' as const) : ('time' as const);
      return [{ order, shown: { at, source, line, by, ...(simulated && { simulated }) } }];
    })
    .sort((a, b) => a.order - b.order)
    .map(({ shown }) => shown);
  const kept = new Set(
    [...found.filter((one) => one.by === 'id'), ...found.filter((one) => one.by === 'time')].slice(0, maxLines),
  );
  return { lines: found.filter((one) => kept.has(one)), leftOut: found.length - kept.size };
}

/** When the request ran, by all lines with its id. */
function wholeSpan(lines: { line: string; when: number | undefined; isAsked: boolean }[]): {
  from: number;
  to: number;
} {
  const whole = { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY };
  for (const { isAsked, when, line } of lines) {
    if (!isAsked || when === undefined) continue;
    const { from, to } = spanOf(line, when);
    whole.from = Math.min(whole.from, from - marginMs);
    whole.to = Math.max(whole.to, to + marginMs);
  }
  return whole;
}

const timeFields = ['time', 'timestamp', '@timestamp', 'created_at', 'request_arrived_at'];
const isoTime = /\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})?/;

function fieldsOf(line: string): Record<string, unknown> {
  if (!line.startsWith('{')) return {};
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Returns when a line was written, in milliseconds: a field of its JSON, or a time at its start. A time without a zone is UTC. */
export function whenOf(line: string): number | undefined {
  const fields = fieldsOf(line);
  const texts = [...timeFields.map((name) => fields[name]), isoTime.exec(line.slice(0, 100))?.[0]];
  for (const text of texts) {
    if (typeof text !== 'string') continue;
    const iso = text
      .replace(' ', 'T')
      .replace(',', '.')
      .replace(/(\.\d{3})\d+/, '$1');
    const when = Date.parse(/(Z|[+-]\d{2}:?\d{2})$/.test(iso) ? iso : `${iso}Z`);
    if (!Number.isNaN(when)) return when;
  }
  return undefined;
}

/** The time that a request took, by a line that says how long: GitLab and the gateway write it at the end, the front at the start. */
function spanOf(line: string, when: number): { from: number; to: number } {
  const fields = fieldsOf(line);
  const seconds = Number(fields.duration_s ?? 0);
  const latencyMs = Number(fields.latencyMs ?? 0);
  const ok = (value: number) => (Number.isFinite(value) && value > 0 && value < 3600_000 ? value : 0);
  return { from: when - ok(seconds * 1000), to: when + ok(latencyMs) };
}
