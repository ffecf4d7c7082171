import { Button, Stack, Table, Text } from '@mantine/core';
import type { ImportPlan } from '../../../shared/contract/import-plan.ts';
import type { contract } from '../../../shared/contract/index.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { timeText } from '../../../shared/time-text.ts';
import { goTo } from '../../state/route.ts';
import type { JobUse } from '../../state/use-job.ts';
import { importText as text } from '../../text/import.ts';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { FindingList } from '../../ui/finding-card.tsx';
import { Remedies } from '../../ui/remedies.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { WideTable } from '../../ui/wide-table.tsx';

type Imported = OutputOf<(typeof contract)['imports']['run']>;
type Verified = OutputOf<(typeof contract)['bundle']['verify']>;

/** How the newest import ended. Media that it lacked are asked for elsewhere. */
export function ImportOutcome({ use, plan }: { use: JobUse<Imported>; plan: ImportPlan | undefined }) {
  const { job, error, result } = use;
  if (error && error.code !== 'import.medium-missing' && !plan?.isComplete)
    return (
      <ErrorPanel error={error}>
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
        <Button onClick={() => goTo('deploy')}>{text.deploy}</Button>
      </div>
    </Stack>
  );
}

const shownDamage = 100;

/** What a verification found: everything as signed, or the places that are not. */
export function VerifyOutcome({ result, endedAt }: { result: Verified; endedAt: string }) {
  const { damage, damageCount, media, remedies } = result;
  const files = media.filter((one) => one.path !== undefined).reduce((sum, one) => sum + one.files, 0);
  if (damageCount === 0)
    return (
      <Text role="status" fw={600}>
        <StateMark status="done" wordless /> {text.verified(files, timeText(endedAt))}
      </Text>
    );
  return (
    <section className="sl-finding" data-severity="red" role="alert">
      <Text fw={600}>
        <StateMark status="blocked" wordless /> {text.damaged(damageCount)}
      </Text>
      <Text size="xs" className="sl-quiet">
        {text.verifiedAt(timeText(endedAt))}
      </Text>
      <Remedies remedies={remedies} />
      <WideTable label={text.damaged(damageCount)}>
        <Table.Tbody>
          {damage.slice(0, shownDamage).map((one) => (
            <Table.Tr key={`${one.medium} ${one.path} ${one.offsetBytes} ${one.kind}`}>
              <Table.Td>{one.medium}</Table.Td>
              <Table.Td className="sl-break">
                {one.contents && <div>{one.contents.join(', ')}</div>}
                <span className="sl-mono">{one.path}</span>
              </Table.Td>
              <Table.Td>
                {text.damageKind[one.kind]}, {text.block(one.block, one.offsetBytes, one.lengthBytes)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </section>
  );
}
