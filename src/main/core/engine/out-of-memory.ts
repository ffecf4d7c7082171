import type { Engine } from './connect-engine.ts';

const backMs = 60_000;

/**
 * Returns whether the engine recorded that a container was killed for memory in the minute before `at`. The mark on the container
 * itself is gone as soon as it starts over.
 */
export async function wasOutOfMemory({ docker }: Engine, id: string, at = new Date()): Promise<boolean> {
  const seconds = (ms: number) => (ms / 1000).toFixed(3);
  // With fractions of seconds, because the engine would wait for an end in the future.
  const range = { since: seconds(at.getTime() - backMs), until: seconds(Math.min(at.getTime() + 1000, Date.now())) };
  const filters = JSON.stringify({ container: [id], event: ['oom'] });
  try {
    const events = await docker.getEvents({ ...range, filters } as object);
    let said = '';
    for await (const piece of events) said += String(piece);
    return said.trim() !== '';
  } catch {
    return false;
  }
}
