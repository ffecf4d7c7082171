import { Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { useConnection } from '../state/core.ts';
import { CommandsAbout } from './commands-about.tsx';
import { StepReason } from './step-reason.tsx';
import './screen.css';

/**
 * The layout of a screen: title, lead, content, and actions that stay visible, disabled while the connection is lost. Commands inside
 * are completed for `siteFile`.
 */
export function Screen(props: {
  title: string;
  lead: string;
  actions?: ReactNode;
  siteFile?: string | undefined;
  children: ReactNode;
}) {
  const isLost = useConnection(({ state }) => state === 'lost');
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <div className="sl-column">
      <Stack gap={16}>
        <header>
          <Title order={1} ref={heading} tabIndex={-1} className="sl-title">
            {props.title}
          </Title>
          <Text className="sl-quiet">{props.lead}</Text>
        </header>
        <StepReason status="todo" />
        <CommandsAbout siteFile={props.siteFile}>{props.children}</CommandsAbout>
      </Stack>
      {props.actions && (
        <fieldset className="sl-actions" disabled={isLost}>
          {props.actions}
        </fieldset>
      )}
    </div>
  );
}
