import { Drawer } from '@mantine/core';
import type { ReactNode } from 'react';
import { appText } from '../text/app.ts';
import { useOpened } from './use-opened.ts';

/** A titled drawer on the right. The screen under it keeps its state. */
export function SideDrawer(props: {
  isOpen: boolean;
  close(): void;
  title: string;
  width: number;
  children: ReactNode;
}) {
  const { isOpen, close, title, width, children } = props;
  const opened = useOpened(isOpen);
  return (
    <Drawer
      opened={opened}
      onClose={close}
      position="right"
      size={width}
      title={title}
      closeButtonProps={{ 'aria-label': appText.close }}
    >
      {children}
    </Drawer>
  );
}
