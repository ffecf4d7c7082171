import { Checkbox, Stack, Table, Text } from '@mantine/core';
import { bytesText } from '../../../shared/bytes-text.ts';
import type { contract } from '../../../shared/contract/index.ts';
import { planDoubt, planSizeWords } from '../../../shared/plan-sizes.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { packText as text } from '../../text/pack.ts';
import { WideTable } from '../../ui/wide-table.tsx';
import { type Entry, nameOf } from './pack-draft.ts';
import { usePack } from './pack-store.ts';

/** The media plan of a bundle. */
export type Plan = OutputOf<(typeof contract)['bundle']['packPlan']>;

interface Row {
  id: string;
  kind: Entry['kind'];
  name: string;
  sizeBytes: number;
  isEstimate: boolean;
  /** What is attached to it, in words. */
  attached: string[];
}

/** Returns the items of a plan with their sizes, each once. */
export function rowsOf(plan: Plan): Row[] {
  const rows = new Map<string, Row>();
  for (const { kind, name, totalBytes, isEstimate, attached } of plan.media.flatMap((one) => one.contents)) {
    const id = `${kind} ${name}`;
    rows.set(id, { id, kind, name, sizeBytes: totalBytes, isEstimate, attached });
  }
  return [...rows.values()];
}

/** Shows how each medium will be filled, and the licences to accept. */
export function PlanPart({ plan }: { plan: Plan }) {
  const about = planSizeWords[plan.sizes];
  const doubt = planDoubt(plan);
  return (
    <Stack gap={16}>
      <Text fw={600}>{text.total(about + bytesText(plan.totalBytes), plan.media.length)}</Text>
      {doubt && <Text className="sl-quiet">{doubt}</Text>}
      {plan.media.map((medium) => (
        <div key={medium.ordinal}>
          <Text>
            <b>{text.medium(medium.ordinal, plan.media.length)}</b> {medium.label}{' '}
            <span className="sl-mono">{medium.path}</span>
          </Text>
          <MediumBar medium={medium} />
          <Text size="xs" className="sl-quiet">
            {text.used(about + bytesText(medium.bytes), medium.files, bytesText(medium.freeBytes))} ·{' '}
            {medium.filesystem}
          </Text>
        </div>
      ))}
      {plan.lacks.map((line) => (
        <Text key={line} className="sl-look">
          ▲ {line}
        </Text>
      ))}
      {plan.unused.length > 0 && <Text>{text.unused(plan.unused.join(', '))}</Text>}
      <Licences rows={rowsOf(plan)} />
    </Stack>
  );
}

function MediumBar({ medium }: { medium: Plan['media'][number] }) {
  const parts = medium.contents.filter((one) => one.bytes > 0);
  const words = parts.map((one) => text.part(one.name, bytesText(one.bytes))).join(', ');
  return (
    <>
      <div className="sl-bar" role="img" aria-label={text.bar(medium.label, words)}>
        {parts.map((one, index) => (
          <span
            key={`${one.kind} ${one.name}`}
            className="sl-bar-part"
            data-shade={index % 4}
            title={text.part(one.name, bytesText(one.bytes))}
            style={{ width: `${(100 * one.bytes) / Math.max(medium.freeBytes, medium.bytes, 1)}%` }}
          />
        ))}
      </div>
      <ul className="sl-legend">
        {parts.map((one, index) => (
          <li key={`${one.kind} ${one.name}`}>
            <span className="sl-bar-key" data-shade={index % 4} aria-hidden /> <bdi>{one.name}</bdi>{' '}
            {bytesText(one.bytes)}
          </li>
        ))}
      </ul>
    </>
  );
}

function Licences({ rows }: { rows: readonly Row[] }) {
  const { draft, accepted } = usePack();
  const licenceOf = ({ kind, name }: Row) =>
    draft.entries.find((entry) => entry.kind === kind && nameOf(entry) === name)?.licence.trim();
  const toggle = (id: string, isAccepted: boolean) =>
    usePack.setState({ accepted: isAccepted ? [...accepted, id] : accepted.filter((one) => one !== id) });
  return (
    <WideTable label={text.licence}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{text.item}</Table.Th>
          <Table.Th ta="right">{text.size}</Table.Th>
          <Table.Th>{text.licence}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={row.id}>
            <Table.Td className="sl-break">
              {text.kinds[row.kind]}: <bdi>{row.name}</bdi>
              {row.attached.length > 0 && <Text size="sm">{text.attached(row.attached)}</Text>}
            </Table.Td>
            <Table.Td ta="right" className="sl-figure">
              {row.isEstimate && `${text.estimate} `}
              {bytesText(row.sizeBytes)}
            </Table.Td>
            <Table.Td>
              <Checkbox
                label={text.accept(licenceOf(row) || text.noLicence)}
                checked={accepted.includes(row.id)}
                onChange={(event) => toggle(row.id, event.currentTarget.checked)}
              />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}
