import { Table } from '@mantine/core';
import type { ReactNode } from 'react';

/** A table that scrolls sideways when it is wider than its container, also with the keyboard. */
export function WideTable({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable with the keyboard
    <section className="sl-wide" aria-label={label} tabIndex={0}>
      <Table verticalSpacing={6}>{children}</Table>
    </section>
  );
}
