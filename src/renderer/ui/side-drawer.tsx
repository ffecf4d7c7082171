import { Drawer } from '@mantine/core';
import type { ReactNode } from 'react';
import { appText } from '../text/app.ts';

/** A drawer at the right with a title. Its header is no landmark: the window has its own. */
export function SideDrawer(props: {
  isOpen: boolean;
  close(): void;
  title: string;
  width: number;
  children: ReactNode;
}) {
  return (
    <Drawer.Root opened={props.isOpen} onClose={props.close} position="right" size={props.width}>
      <Drawer.Overlay />
      <Drawer.Content>
        <Drawer.Header role="presentation">
          <Drawer.Title>{props.title}</Drawer.Title>
          <Drawer.CloseButton aria-label={appText.close} />
        </Drawer.Header>
        <Drawer.Body>{props.children}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}
