import { Button, List, Stack, Text, Title } from '@mantine/core';
import { carryOut, leftOut } from '../../../shared/carry-out.ts';
import { readinessText } from '../../text/readiness.ts';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { saveText } from '../../ui/save-text.ts';
import { SideDrawer } from '../../ui/side-drawer.tsx';
import type { FileDrawerProps } from './export-drawer.tsx';
import { FileForm } from './file-form.tsx';

const text = readinessText.carryOut;

/** Writes or downloads the file that may leave the site. Shows exactly what it contains and what is left out. */
export function CarryOutDrawer({ isOpen, close, readiness, error, check, isRunning }: FileDrawerProps) {
  const content = `${JSON.stringify(carryOut(readiness), null, 2)}\n`;
  return (
    <SideDrawer isOpen={isOpen} close={close} width={640} title={text.title}>
      <Stack gap={16}>
        <Text>{text.lead}</Text>
        <div>
          <Title order={3}>{text.leftOut}</Title>
          <List size="sm">
            {leftOut.map((one) => (
              <List.Item key={one}>{one}</List.Item>
            ))}
          </List>
        </div>
        <FileForm
          label={text.path}
          example={text.pathExample}
          endings={['.json']}
          button={text.write}
          isRunning={isRunning}
          write={(carryOutPath) => check({ carryOutPath })}
        />
        {error && !isRunning && <ErrorPanel error={error} />}
        <div role="status">
          {readiness.carryOut && !isRunning && (
            <Text className="sl-good">● {readinessText.export.written(readiness.carryOut)}</Text>
          )}
        </div>
        <div>
          <Button variant="default" onClick={() => saveText('readiness.json', 'application/json', content)}>
            {text.download}
          </Button>
        </div>
        <section aria-label={text.content}>
          <pre className="sl-pre">{content}</pre>
        </section>
      </Stack>
    </SideDrawer>
  );
}
