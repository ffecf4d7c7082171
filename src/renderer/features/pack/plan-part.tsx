import { Checkbox, Stack, Table, Text } from '@mantine/core';
import { heldWords } from '../../../shared/bundle-evidence.ts';
import { bytesText } from '../../../shared/bytes-text.ts';
import type { contract } from '../../../shared/contract/index.ts';
import { licencesToAccept, licenceWords } from '../../../shared/plan-licences.ts';
import { planDoubt, planSizeWords } from '../../../shared/plan-sizes.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { packText as text } from '../../text/pack.ts';
import { WideTable } from '../../ui/wide-table.tsx';
import { usePack } from './pack-store.ts';

/** The media plan of a bundle. */
export type Plan = OutputOf<(typeof contract)['bundle']['packPlan']>;

/** Identifies a content that was accepted. Another licence is another question. */
export function acceptedId(content: ReturnType<typeof licencesToAccept>[number]): string {
  return `${content.kind} ${content.name}: ${licenceWords(content)}`;
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
      {plan.base && <Text>{text.leftOut(heldWords(plan.base), bytesText(plan.base.leftOutBytes))}</Text>}
      {plan.lacks.map((line) => (
        <Text key={line} className="sl-look">
          ▲ {line}
        </Text>
      ))}
      {plan.unused.length > 0 && <Text>{text.unused(plan.unused.join(', '))}</Text>}
      <Licences plan={plan} />
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

function Licences({ plan }: { plan: Plan }) {
  const { accepted } = usePack();
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
        {licencesToAccept(plan).map((one) => {
          const id = acceptedId(one);
          return (
            <Table.Tr key={id}>
              <Table.Td className="sl-break">
                {text.kinds[one.kind]}: <bdi>{one.name}</bdi>
                {one.attached.length > 0 && <Text size="sm">{text.attached(one.attached)}</Text>}
              </Table.Td>
              <Table.Td ta="right" className="sl-figure">
                {one.isEstimate && `${text.estimate} `}
                {bytesText(one.totalBytes)}
              </Table.Td>
              <Table.Td>
                <Checkbox
                  label={text.accept(licenceWords(one))}
                  checked={accepted.includes(id)}
                  onChange={(event) => toggle(id, event.currentTarget.checked)}
                />
              </Table.Td>
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </WideTable>
  );
}
