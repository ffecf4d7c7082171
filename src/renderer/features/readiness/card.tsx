import { Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** A card with a title. A wide card takes a whole row. */
export function Card({ title, isWide = false, children }: { title: string; isWide?: boolean; children: ReactNode }) {
  return (
    <section className="sl-card" data-wide={isWide}>
      <Title order={3}>{title}</Title>
      {children}
    </section>
  );
}
