import { Button, Stack, Text } from '@mantine/core';
import type { contract } from '../../../shared/contract/index.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { readinessText } from '../../text/readiness.ts';
import { useRunnable } from '../../ui/commands-about.tsx';
import { saveText } from '../../ui/save-text.ts';
import { SideDrawer } from '../../ui/side-drawer.tsx';
import { FileForm } from './file-form.tsx';

const text = readinessText.export;

/** What both drawers work with. */
export interface FileDrawerProps {
  isOpen: boolean;
  close(): void;
  readiness: OutputOf<(typeof contract)['hardware']['check']>;
  check(input: { reportPath?: string; carryOutPath?: string }): void;
  isRunning: boolean;
}

/** The report as a file: written on this machine, or downloaded from what is shown. */
export function ExportDrawer({ isOpen, close, readiness, check, isRunning }: FileDrawerProps) {
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
