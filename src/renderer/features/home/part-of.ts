import type { Sites } from './home-store.ts';

/** Returns the part that a command names, otherwise one that is not well, otherwise the model server. */
export function partOf(command: string, parts: readonly Pick<Sites['parts'][number], 'name' | 'state'>[]): string {
  // The part of one of several models has the name that it is served under, which may contain dots.
  const named = / --part ([\w.-]+)/.exec(command)?.[1];
  return named ?? (parts.find((one) => one.state !== 'running') ?? parts[0])?.name ?? 'model';
}
