import { Table } from '@mantine/core';
import type { ReactNode } from 'react';

/** A table that may be wider than its place: it scrolls by itself, by the keyboard too. */
export function WideTable({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
    <section className="sl-wide" aria-label={label} tabIndex={0}>
      <Table verticalSpacing={6}>{children}</Table>
    </section>
  );
}
