import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { contract } from '../../../shared/contract/index.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { shellWord } from '../../../shared/shell-word.ts';
import { core } from '../../state/core.ts';
import { useMayWrite } from '../../state/hello.ts';
import { closeInstall, useInstall } from '../../state/install.ts';
import { type ShownError, toShownError } from '../../state/shown-error.ts';
import { useJob } from '../../state/use-job.ts';
import { appText } from '../../text/app.ts';
import { remedyText as text } from '../../text/remedies.ts';
import { CommandLine } from '../../ui/command-line.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { FindingList } from '../../ui/finding-card.tsx';
import { JobProgress } from '../../ui/job-progress.tsx';

type Plan = OutputOf<(typeof contract)['packages']['plan']>;

/** Installs packages from the store: shows what root will run, asks, and follows the installation. */
export default function InstallDialog() {
  const { name } = useInstall();
  if (name === undefined) return null;
  return (
    <Modal
      opened
      onClose={closeInstall}
      size="lg"
      title={text.installTitle(name)}
      closeButtonProps={{ 'aria-label': appText.close }}
    >
      <Planned key={name} name={name} />
    </Modal>
  );
}

function Planned({ name }: { name: string }) {
  const [plan, setPlan] = useState<Plan>();
  const [refused, setRefused] = useState<ShownError>();
  useEffect(() => {
    core()
      .packages.plan({ name })
      .then(setPlan, (error) => setRefused(toShownError(error)));
  }, [name]);
  if (refused) return <ErrorPanel error={refused} />;
  return plan ? <Consent plan={plan} /> : <Text role="status">{text.verifying}</Text>;
}

function Consent({ plan }: { plan: Plan }) {
  const { name, command, files } = plan;
  const [isAsked, setAsked] = useState(false);
  const { job, isRunning, result, error, start } = useJob('packages', 'install');
  const mayWrite = useMayWrite();
  const install = () => {
    setAsked(true);
    void start(() => core().packages.install({ name }));
  };
  const isDone = isAsked && job?.state === 'succeeded';
  return (
    <Stack gap={12}>
      <Text>{command.length === 0 ? text.allInstalled : text.rootRuns}</Text>
      {command.length > 0 && <CommandLine command={command.map(shellWord).join(' ')} />}
      {isAsked && isRunning && job && <JobProgress job={job} />}
      {isAsked && !isRunning && error && <ErrorPanel error={error} />}
      {isDone && result && <FindingList findings={result.findings} />}
      {!isDone && command.length > 0 && (
        <Group justify="flex-end">
          <Button onClick={install} disabled={!mayWrite || isRunning}>
            {text.installNow(files.length)}
          </Button>
        </Group>
      )}
    </Stack>
  );
}
