import { Text, Title } from '@mantine/core';
import { memo, useMemo } from 'react';
import { bytesText } from '../../../shared/bytes-text.ts';
import type { ImportPlan } from '../../../shared/contract/import-plan.ts';
import type { JobSnapshot } from '../../../shared/jobs.ts';
import { importText as text } from '../../text/import.ts';
import { type BadPlace, type Cell, type CellState, cellStates, importedParts, makeCells } from './part-cells.ts';

const states = ['todo', 'working', 'done', 'bad'] as const;
const glyphs: Record<CellState, string> = { todo: '□', working: '◧', done: '■', bad: '✕' };

/** Shows the files of the media as squares that follow the job's progress, with names as tooltips and counts as text. */
export function PartsMap(props: { plan: ImportPlan; job: JobSnapshot | undefined; bad: readonly BadPlace[] }) {
  const { plan, job, bad } = props;
  const isVerified = job?.kind === 'bundle.verify' || bad.length > 0;
  const cells = useMemo(() => makeCells(isVerified ? plan.parts : importedParts(plan)), [plan, isVerified]);
  const now = cellStates(cells, { contents: plan.contents, job, bad });
  const words = job?.kind === 'bundle.verify' ? text.cellVerify : text.cell;
  const count = (state: CellState) => now.filter((one) => one === state).length;
  const largest = cells.reduce((most, cell) => Math.max(most, cell.sizeBytes), 0);
  return (
    <section aria-labelledby="import-parts">
      <Title order={2} id="import-parts">
        {text.parts}
      </Title>
      <Text size="xs" className="sl-quiet">
        {text.partsWhat(bytesText(largest))}{' '}
        {plan.partCount > plan.parts.length && text.more(plan.parts.length, plan.partCount)}
      </Text>
      {plan.media.map((medium) => (
        <Row key={medium.ordinal} label={text.medium(medium.ordinal, plan.isHeadSeen ? plan.media.length : undefined)}>
          {cells.map((cell, index) =>
            cell.part.ordinal === medium.ordinal ? (
              <Square key={`${cell.part.path} ${cell.offsetBytes}`} cell={cell} state={now[index] ?? 'todo'} />
            ) : null,
          )}
        </Row>
      ))}
      <ul className="sl-legend">
        {states.map((state) => (
          <li key={state}>
            <span className="sl-square" data-state={state} aria-hidden>
              {state === 'bad' ? glyphs.bad : ''}
            </span>{' '}
            {count(state)} {words[state]}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Row({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="sl-squares-row">
      <Text size="xs" className="sl-quiet">
        {label}
      </Text>
      <div className="sl-squares" aria-hidden>
        {children}
      </div>
    </div>
  );
}

const Square = memo(function Square({ cell, state }: { cell: Cell; state: CellState }) {
  const { part, offsetBytes, sizeBytes } = cell;
  const name = text.cellName(
    part.path.replace(/([0-9a-f]{12})[0-9a-f]{52}/, '$1…'),
    part.content,
    bytesText(offsetBytes),
    bytesText(offsetBytes + sizeBytes),
  );
  return (
    <span className="sl-square" data-state={state} title={name}>
      {state === 'bad' ? glyphs.bad : ''}
    </span>
  );
});
