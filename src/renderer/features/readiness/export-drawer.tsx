import { Button, Stack, Text } from '@mantine/core';
import type { contract } from '../../../shared/contract/index.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import type { ShownError } from '../../state/shown-error.ts';
import { readinessText } from '../../text/readiness.ts';
import { useRunnable } from '../../ui/commands-about.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { saveText } from '../../ui/save-text.ts';
import { SideDrawer } from '../../ui/side-drawer.tsx';
import { FileForm } from './file-form.tsx';

const text = readinessText.export;

/** Props of both drawers. */
export interface FileDrawerProps {
  isOpen: boolean;
  close(): void;
  readiness: OutputOf<(typeof contract)['hardware']['check']>;
  /** Why the newest check or its file failed. */
  error: ShownError | undefined;
  check(input: { reportPath?: string; carryOutPath?: string }): void;
  isRunning: boolean;
}

/** Writes the readiness report to a file on this machine, or downloads what is shown. */
export function ExportDrawer({ isOpen, close, readiness, error, check, isRunning }: FileDrawerProps) {
  const { report, signature, unsigned, carryOut: _carryOut, ...plain } = readiness;
  const runnable = useRunnable();
  return (
    <SideDrawer isOpen={isOpen} close={close} width={560} title={text.title}>
      <Stack gap={16}>
        <Text>{text.lead}</Text>
        <FileForm
          label={text.path}
          example={text.pathExample}
          endings={['.html', '.pdf', '.json']}
          button={text.write}
          isRunning={isRunning}
          write={(reportPath) => check({ reportPath })}
        />
        {error && !isRunning && <ErrorPanel error={error} />}
        <div role="status">
          {report && !isRunning && (
            <>
              <Text className="sl-good">● {text.written(report)}</Text>
              {signature && <Text className="sl-good">● {text.signed(signature)}</Text>}
              {unsigned && <Text className="sl-look">▲ {text.unsigned(runnable(unsigned))}</Text>}
            </>
          )}
        </div>
        <div>
          <Button
            variant="default"
            onClick={() => saveText('readiness-report.json', 'application/json', `${JSON.stringify(plain, null, 2)}\n`)}
          >
            {text.download}
          </Button>
        </div>
      </Stack>
    </SideDrawer>
  );
}
