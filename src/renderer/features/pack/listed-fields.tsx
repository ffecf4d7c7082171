import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { packText } from '../../text/pack.ts';

interface ListedFieldsProps<T> {
  list: T[];
  /** What a new one starts with. */
  empty: T;
  words: { add: string; remove(at: number): string };
  onChange(list: T[]): void;
  /** The fields of one of the list; `set` changes some of its values. */
  children(one: T, at: number, set: (part: Partial<T>) => void): ReactNode;
}

/** Shows the fields of each of a list, a button that removes it, and one that adds another. */
export function ListedFields<T extends object>({ list, empty, words, onChange, children }: ListedFieldsProps<T>) {
  const set = (at: number, part: Partial<T>) =>
    onChange(list.map((one, index) => (index === at ? { ...one, ...part } : one)));
  return (
    <>
      {list.map((one, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the fields have no other identity
        <Group key={at} gap={12} align="flex-end">
          {children(one, at, (part) => set(at, part))}
          <Button
            variant="subtle"
            aria-label={words.remove(at)}
            onClick={() => onChange(list.filter((_other, index) => index !== at))}
          >
            {packText.remove}
          </Button>
        </Group>
      ))}
      <div>
        <Button size="compact-sm" variant="default" onClick={() => onChange([...list, empty])}>
          {words.add}
        </Button>
      </div>
    </>
  );
}
