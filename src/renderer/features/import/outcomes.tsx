import { Stack, Table, Text } from '@mantine/core';
import { bytesText } from '../../../shared/bytes-text.ts';
import { isAbsent } from '../../../shared/contract/bundle-read.ts';
import type { ImportPlan } from '../../../shared/contract/import-plan.ts';
import type { contract } from '../../../shared/contract/index.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { timeText } from '../../../shared/time-text.ts';
import type { JobUse } from '../../state/use-job.ts';
import { importText as text } from '../../text/import.ts';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { FindingList } from '../../ui/finding-card.tsx';
import { NextStep } from '../../ui/next-step.tsx';
import { Remedies, type RemedyAction } from '../../ui/remedies.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { WideTable } from '../../ui/wide-table.tsx';
import { useImport } from './import-store.ts';

type Imported = OutputOf<(typeof contract)['imports']['run']>;
type Verified = OutputOf<(typeof contract)['bundle']['verify']>;

/** Shows how the newest import ended. `MissingMedium` asks for media that it lacks. */
export function ImportOutcome(props: {
  use: JobUse<Imported>;
  plan: ImportPlan | undefined;
  actions: readonly RemedyAction[];
}) {
  const { use, plan, actions } = props;
  const { job, error, result } = use;
  if (error && error.code !== 'import.medium-missing' && !plan?.isComplete)
    return (
      <ErrorPanel error={error} actions={actions}>
        {job && (
          <Text size="xs" className="sl-quiet">
            {text.failedAt(timeText(job.startedAt))}
          </Text>
        )}
      </ErrorPanel>
    );
  if (!result || !plan?.isComplete || result.bundle.id !== plan.id) return null;
  return (
    <Stack gap={8} role="status">
      <Text fw={600}>
        <StateMark status="done" wordless /> {text.done(result.bundle.name, result.durationMs)}
      </Text>
      {result.findings.length > 0 && <FindingList findings={result.findings} />}
      <div>
        <NextStep after="import" isSure />
      </div>
    </Stack>
  );
}

const shownDamage = 100;
/** Kinds of damage that concern one block of a file, not the whole file. */
const inBlock: ReadonlySet<string> = new Set<Verified['damage'][number]['kind']>(['block', 'unreadable']);

/** Says that all files match what was signed, and whether that can be relied on. */
function AllMatch(props: { signature: Verified['signature']; isTrusted: boolean; files: number; endedAt: string }) {
  const { signature, isTrusted, files, endedAt } = props;
  const say = isTrusted ? text.verified : signature.keyId === '' ? text.verifiedUnsigned : text.verifiedUntrusted;
  return (
    <Text role="status" fw={600}>
      <StateMark status={isTrusted ? 'done' : 'look'} wordless /> {say(files, timeText(endedAt))}
    </Text>
  );
}

/** Shows the result of a verification: success, what an import refuses, or a list of damaged places. */
export function VerifyOutcome({ result, endedAt }: { result: Verified; endedAt: string }) {
  const { damage, damageCount, findings, media, remedies, repairedBlocks, signature } = result;
  const isTrusted = useImport(({ plan }) => plan?.signature.trusted ?? signature.trusted);
  const title = text.damaged(
    damageCount,
    damage.length === damageCount && damage.every((one) => inBlock.has(one.kind)),
  );
  const files = media.filter((one) => one.path !== undefined).reduce((sum, one) => sum + one.files, 0);
  const isRefused = findings.some((one) => one.severity === 'red');
  const list = findings.length > 0 && <FindingList findings={findings} />;
  if (damageCount === 0)
    return (
      <Stack gap={12}>
        {!isRefused && repairedBlocks === undefined && (
          <AllMatch signature={signature} isTrusted={isTrusted} files={files} endedAt={endedAt} />
        )}
        {list}
      </Stack>
    );
  const isOnlyAbsent = damage.length === damageCount && damage.every(isAbsent);
  return (
    <section className="sl-finding" data-severity={isOnlyAbsent ? 'amber' : 'red'} role="alert">
      <Text fw={600}>
        <StateMark status={isOnlyAbsent ? 'look' : 'blocked'} wordless /> {isOnlyAbsent ? text.incomplete : title}
      </Text>
      <Text size="xs" className="sl-quiet">
        {text.verifiedAt(timeText(endedAt))}
      </Text>
      <Remedies remedies={remedies} />
      <DamageTable title={title} damage={damage} />
      {list}
    </section>
  );
}

function DamageTable({ title, damage }: { title: string; damage: Verified['damage'] }) {
  return (
    <WideTable label={title}>
      <Table.Thead>
        <Table.Tr>
          {Object.values(text.damageColumns).map((name) => (
            <Table.Th key={name}>{name}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {damage.slice(0, shownDamage).map((one) => (
          <Table.Tr key={`${one.medium} ${one.path} ${one.offsetBytes} ${one.kind}`}>
            <Table.Td>{one.medium}</Table.Td>
            <Table.Td className="sl-break">
              {one.contents && <div>{[one.contents.join(', '), one.files?.join(', ')].filter(Boolean).join(': ')}</div>}
              <span className="sl-mono">{one.path}</span>
            </Table.Td>
            <Table.Td>
              {text.damageKind[one.kind]}
              {inBlock.has(one.kind) && text.inBlock(one.block, bytesText(one.lengthBytes), one.offsetBytes === 0)}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}
