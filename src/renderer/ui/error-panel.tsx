import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ShownError } from '../state/shown-error.ts';
import { appText } from '../text/app.ts';
import { coreLanguage } from '../text/language.ts';
import { useTroubleInView } from './come-into-view.tsx';
import { CopyButton } from './copy-button.tsx';
import { Remedies, type RemedyAction } from './remedies.tsx';
import { StateMark } from './state-mark.tsx';

/** Shows an error: message, cause, remedies and references. Announced and scrolled into view when it appears. */
export function ErrorPanel(props: { error: ShownError; actions?: readonly RemedyAction[]; children?: ReactNode }) {
  const { error, actions = [], children } = props;
  const here = useTroubleInView<HTMLElement>(error.message);
  return (
    <section ref={here} className="sl-finding sl-in-view" data-severity="red" role="alert">
      <Stack gap={6}>
        <Text fw={600}>
          <StateMark status="blocked" wordless /> <span lang={coreLanguage}>{error.message}</span>
        </Text>
        {error.cause && (
          <Text className="sl-mono" lang={coreLanguage}>
            {error.cause}
          </Text>
        )}
        <Remedies remedies={error.remedies} actions={actions} />
        {children}
        <Text size="xs" className="sl-quiet">
          {appText.reference}: {error.code}
          {error.ref && (
            <>
              {' · '}
              {appText.logReference}: <code className="sl-mono">{error.ref}</code>{' '}
              <CopyButton text={error.ref} of={appText.logReference} />
            </>
          )}
        </Text>
      </Stack>
    </section>
  );
}
