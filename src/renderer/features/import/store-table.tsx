import { Table, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { bytesText } from '../../../shared/bytes-text.ts';
import type { WizardState } from '../../../shared/contract/wizard.ts';
import { shortHex } from '../../../shared/digest.ts';
import { importText as text } from '../../text/import.ts';
import { coreLanguage } from '../../text/language.ts';
import { WideTable } from '../../ui/wide-table.tsx';

/** Lists the models and images that imports brought so far, and the bundle of each model. Shows nothing before the first. */
export function StoreTable({ store }: { store: WizardState['store'] }) {
  if (store.models.length + store.images.length === 0) return null;
  return (
    <div>
      <Title order={2}>{text.stored}</Title>
      <WideTable label={text.stored}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{text.name}</Table.Th>
            <Table.Th>{text.kind}</Table.Th>
            <Table.Th ta="right">{text.size}</Table.Th>
            <Table.Th>{text.origin}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {store.models.map((model) => (
            <Row key={model.name} kind={text.kinds.model} size={bytesText(model.sizeBytes)} origin={model.bundleName}>
              <bdi>{model.name}</bdi>
              {model.problem && (
                <Text size="xs" className="sl-look" lang={coreLanguage}>
                  ▲ {model.problem}
                </Text>
              )}
            </Row>
          ))}
          {store.images.map(({ reference, digest }) => (
            <Row key={reference + digest} kind={text.kinds.image} size="–" origin="–">
              <bdi>{reference}</bdi>
              <Text size="xs" className="sl-quiet sl-mono" title={digest}>
                {shortHex(digest)}
              </Text>
            </Row>
          ))}
        </Table.Tbody>
      </WideTable>
    </div>
  );
}

function Row(props: { kind: string; size: string; origin: string; children: ReactNode }) {
  return (
    <Table.Tr>
      <Table.Td className="sl-break">{props.children}</Table.Td>
      <Table.Td>{props.kind}</Table.Td>
      <Table.Td ta="right" className="sl-figure">
        {props.size}
      </Table.Td>
      <Table.Td className="sl-break">{props.origin}</Table.Td>
    </Table.Tr>
  );
}
