import { Button, Checkbox, Group, Stack, Table, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { bytesText } from '../../../shared/bytes-text.ts';
import type { contract } from '../../../shared/contract/index.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { useMayWrite } from '../../state/hello.ts';
import { goTo } from '../../state/route.ts';
import { change } from '../../state/wizard.ts';
import { packText as text } from '../../text/pack.ts';
import { Facts } from '../../ui/facts.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { usePack } from './pack-store.ts';

type Packed = OutputOf<(typeof contract)['bundle']['pack']>;

/** The printable slip that goes with the media. Prints the fingerprint only on request, because it must be read out by phone. */
export function PackingSlip({ packed }: { packed: Packed }) {
  const mayWrite = useMayWrite();
  const [withWords, setWithWords] = useState(false);
  return (
    <section aria-labelledby="pack-slip" className="sl-slip">
      <Stack gap={12}>
        <Text role="status" fw={600} className="sl-no-print">
          <StateMark status="done" wordless /> {text.packed(packed.name, packed.durationMs)}
        </Text>
        <Title order={2} id="pack-slip">
          {text.slip}: {packed.name}
        </Title>
        <Facts
          rows={[
            [text.id, mono(packed.id)],
            [text.readBackName, text.readBack[packed.readBack]],
            [text.billName, text.bill],
          ]}
        />
        <MediaAndContents packed={packed} />
        {packed.lacks.map((line) => (
          <Text key={line} className="sl-look">
            ▲ {line}
          </Text>
        ))}
        <div className={withWords ? undefined : 'sl-no-print'}>
          <KeyToTell fingerprint={packed.fingerprint} />
        </div>
        <Group className="sl-no-print">
          <Button onClick={() => window.print()}>{text.print}</Button>
          <Button variant="default" disabled={!mayWrite} onClick={() => void showAsAtSite(packed)}>
            {text.asAtSite}
          </Button>
          <Checkbox
            label={text.withWords}
            checked={withWords}
            onChange={(event) => setWithWords(event.currentTarget.checked)}
          />
        </Group>
      </Stack>
    </section>
  );
}

/** Opens the media on the Import screen, where their reader will see them. */
async function showAsAtSite({ media }: Packed): Promise<void> {
  if (await change({ addMediaDirs: media.map(({ path }) => path) })) goTo('import');
}

function MediaAndContents({ packed }: { packed: Packed }) {
  const { media, contents } = packed;
  return (
    <>
      <SlipTable
        title={text.media}
        head={[text.label, text.where, text.mediumSize, text.files]}
        rows={media.map((one) => [
          `${one.ordinal}/${media.length} ${one.label}`,
          one.path,
          bytesText(one.bytes),
          String(one.files),
        ])}
      />
      <SlipTable
        title={text.contentsTitle}
        head={[text.item, text.size, text.digest]}
        rows={contents.map((one) => [`${text.kinds[one.kind]}: ${one.name}`, bytesText(one.bytes), one.digest])}
      />
    </>
  );
}

/** The fingerprint as words and digits, to read out by phone. */
function KeyToTell({ fingerprint }: { fingerprint: string }) {
  const words = usePack(({ keys }) => keys?.find((one) => one.fingerprint === fingerprint)?.words);
  return (
    <>
      <Title order={3}>{text.tell}</Title>
      <Text>{text.tellHow}</Text>
      {words && (
        <ol className="sl-words">
          {words.split(' ').map((word, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: words may repeat, and their order never changes
            <li key={index}>{word}</li>
          ))}
        </ol>
      )}
      <Facts rows={[[text.fingerprint, mono(fingerprint.replace(/(.{8})(?=.)/g, '$1 '))]]} />
    </>
  );
}

function mono(value: string) {
  return <code className="sl-mono">{value}</code>;
}

/* Digests and paths may break, so that names and sizes need not. */
const longestWhole = 24;

function SlipTable({ title, head, rows }: { title: string; head: readonly string[]; rows: readonly string[][] }) {
  return (
    <>
      <Title order={3}>{title}</Title>
      <Table verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            {head.map((one) => (
              <Table.Th key={one}>{one}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.join(' ')}>
              {row.map((cell, at) => (
                <Table.Td key={head[at]} className={cell.length > longestWhole ? 'sl-break' : 'sl-figure'}>
                  {cell}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}
