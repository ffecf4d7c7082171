import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { appText } from '../text/app.ts';
import { Screen } from '../ui/screen.tsx';

/** Keeps the frame when a screen cannot render, and shows `instead`, by default an offer to reload the page. Needs a `key` per screen. */
export class ScreenBoundary extends Component<{ children: ReactNode; instead?: ReactNode }, { isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError(): { isBroken: boolean } {
    return { isBroken: true };
  }

  override render(): ReactNode {
    if (!this.state.isBroken) return this.props.children;
    if (this.props.instead) return this.props.instead;
    return (
      <Screen
        title={appText.broken}
        lead={appText.brokenHow}
        actions={<Button onClick={() => location.reload()}>{appText.reload}</Button>}
      >
        {null}
      </Screen>
    );
  }
}
