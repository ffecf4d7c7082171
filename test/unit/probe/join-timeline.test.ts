import { expect, it } from 'vitest';
import { joinTimeline as joined, type LoggedLine, whenOf } from '../../../src/main/core/probe/join-timeline.ts';

const id = '01HX-abc.1';
const at = (second: number) => `2026-11-29T10:00:${String(second).padStart(2, '0')}.000Z`;
const line = (source: string, text: string, hasIds = true): LoggedLine => ({ source, line: text, hasIds });
const front = (second: number) =>
  line('front', JSON.stringify({ time: at(second), requestId: 'other', latencyMs: 900 }), false);
const gateway = (second: number, correlation: string, more = {}) =>
  line('gateway', JSON.stringify({ timestamp: at(second), correlation_id: correlation, ...more }));
const joinTimeline = (lines: LoggedLine[], asked: string) => joined(lines, asked).lines;

it('puts lines with the id of all sources in the order of their times', () => {
  const rails = line('llm.log', JSON.stringify({ time: at(1), correlation_id: id, message: 'performing_request' }));
  const seen = joinTimeline([gateway(5, id), gateway(6, 'another'), rails], id);
  expect(seen.map((one) => [one.at, one.source, one.by])).toEqual([
    [at(1), 'llm.log', 'id'],
    [at(5), 'gateway', 'id'],
  ]);
});

it('adds lines of parts without ids that were written while the request ran, and no others', () => {
  const seen = joinTimeline([front(10), front(14), front(20), front(40), gateway(21, id, { duration_s: 8 })], id);
  expect(seen.map((one) => [one.source, one.at, one.by])).toEqual([
    ['front', at(14), 'time'],
    ['front', at(20), 'time'],
    ['gateway', at(21), 'id'],
  ]);
});

it('takes the time that the front says from its start on', () => {
  const own = line('front', JSON.stringify({ time: at(10), requestId: id, latencyMs: 5000 }), false);
  const engine = (second: number) => line('model', `INFO ${at(second)} Running: 1 reqs`, false);
  expect(joinTimeline([own, engine(15), engine(17)], id).map((one) => one.source)).toEqual(['front', 'model']);
});

it('takes the id as a whole, and no part of another', () => {
  const other = [`x${id}`, `${id}-2`, `${id}9`, id.replace('.', 'x')].map((text) => gateway(1, text));
  expect(joinTimeline(other, id)).toEqual([]);
  expect(joinTimeline([line('gateway', `exceptions fault id=${id}`)], id)).toHaveLength(1);
});

it('leaves out lines of the same time before any with the id, and counts them', () => {
  const many = Array.from({ length: 2500 }, () => front(14));
  const { lines, leftOut } = joined([gateway(10, id), ...many, gateway(21, id, { duration_s: 8 })], id);
  expect(leftOut).toBe(502);
  expect(lines.filter((one) => one.by === 'time')).toHaveLength(1998);
  expect([lines[0], lines.at(-1)].map((one) => [one?.at, one?.by])).toEqual([
    [at(10), 'id'],
    [at(21), 'id'],
  ]);
});

it('counts what it leaves out of a great many lines with the id', () => {
  const { lines, leftOut } = joined(
    Array.from({ length: 150_000 }, () => line('gateway', `${at(10)} ${id}`)),
    id,
  );
  expect([lines.length, leftOut]).toEqual([2000, 148_000]);
  expect(joined([gateway(10, id)], id).leftOut).toBe(0);
});

it('keeps a line without a time behind the one before it', () => {
  const seen = joinTimeline(
    [gateway(9, id), line('gateway', `traceback of ${id}`), line('production.log', `[${at(3)}] ${id}`)],
    id,
  );
  expect(seen.map((one) => [one.source, one.at])).toEqual([
    ['production.log', at(3)],
    ['gateway', at(9)],
    ['gateway', null],
  ]);
});

it.each([
  ['{"time":"2026-11-29T10:00:00.123456Z"}', '2026-11-29T10:00:00.123Z'],
  ['{"created_at":"2026-11-29 10:00:00 +0000","time":"2026-11-29T12:00:00+02:00"}', '2026-11-29T10:00:00.000Z'],
  ['2026-11-29 10:00:00,250 INFO started', '2026-11-29T10:00:00.250Z'],
  ['2026-11-29_10:00:00 started', undefined],
  ['{"time":"yesterday"}', undefined],
  ['{"time":', undefined],
  ['', undefined],
])('reads the time of %s', (text, iso) => {
  expect(whenOf(text)).toBe(iso === undefined ? undefined : Date.parse(iso));
});
