import { Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { CommandsAbout } from './commands-about.tsx';
import './screen.css';

/** A step's page: title, one line of what it is about, content, and the actions that stay in sight. `siteFile`: of the site it is about. */
export function Screen(props: {
  title: string;
  lead: string;
  actions?: ReactNode;
  siteFile?: string | undefined;
  children: ReactNode;
}) {
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
        <CommandsAbout siteFile={props.siteFile}>{props.children}</CommandsAbout>
      </Stack>
      {props.actions && <div className="sl-actions">{props.actions}</div>}
    </div>
  );
}
