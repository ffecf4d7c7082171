import { Table, Text, Title } from '@mantine/core';
import { bytesText } from '../../../shared/bytes-text.ts';
import { modelFeature } from '../../../shared/contract/models.ts';
import { modelText } from '../../text/model.ts';
import { settingsText } from '../../text/settings.ts';
import { WideTable } from '../../ui/wide-table.tsx';
import { type Listed, type Model, useModels } from './model-store.ts';
import { licenceText, minimumText, planOf, planText, speedText } from './model-words.ts';

const text = modelText.compare;

/** Compares the selected models side by side. Shows a hint for a single one, and nothing for none. */
export function Comparison({ all, ranked }: { all: Listed; ranked: Listed | undefined }) {
  const compared = useModels((one) => one.compared);
  const models = compared.flatMap((id) => {
    const found = ranked?.models.find((one) => one.id === id) ?? all.models.find((one) => one.id === id);
    return found ? [found] : [];
  });
  if (models.length === 0) return null;
  if (models.length === 1) return <Text role="status">{text.oneMore(models[0]?.name ?? '')}</Text>;
  return (
    <div>
      <Title order={2}>{text.title}</Title>
      <WideTable label={text.title}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{text.what}</Table.Th>
            {models.map((one) => (
              <Table.Th key={one.id} scope="col">
                {one.name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rowsOf(ranked).map(([name, say]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row">{name}</Table.Th>
              {models.map((one) => (
                <Table.Td key={one.id}>{say(one)}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </div>
  );
}

function rowsOf(ranked: Listed | undefined): [string, (model: Model) => string][] {
  const size = (bytes: number | null | undefined) => (typeof bytes === 'number' ? bytesText(bytes) : text.unknown);
  const count = (value: number | null | undefined) =>
    typeof value === 'number' ? value.toLocaleString('en') : text.unknown;
  return [
    [text.support, ({ support }) => support],
    ...modelFeature.options.map((feature): [string, (model: Model) => string] => [
      settingsText.features[feature],
      ({ features }) => features[feature] ?? modelText.noWord,
    ]),
    [text.fits, ({ fit }) => (fit ? modelText.verdict[fit.verdict] : text.unknown)],
    [text.plan, ({ fit }) => (fit ? planText(fit) : text.unknown)],
    [text.tier, ({ id }) => planOf(ranked, id)?.supportText ?? text.unknown],
    [text.weights, ({ fit }) => size(fit?.weightsBytes)],
    [text.needs, ({ fit }) => size(fit?.totalBytes)],
    [text.speed, ({ fit }) => (fit ? speedText(fit) : text.unknown)],
    [text.licence, licenceText],
    [text.requests, ({ fit }) => count(fit?.maxConcurrency)],
    [text.longest, ({ size: { architecture } }) => count(architecture.contextTokens)],
    [text.minimum, minimumText],
  ];
}
