import { Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** A card with its title. */
export function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="sl-card">
      <Title order={3}>{title}</Title>
      {children}
    </section>
  );
}
