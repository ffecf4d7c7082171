import { readFile } from 'node:fs/promises';
import { release, hostname as systemHostname, version } from 'node:os';
import type { Os } from '../../../shared/machine.ts';
import { type Collected, oneLine, unknownFact, within } from './collected.ts';
import { runTool } from './run-tool.ts';

/** Name and version of the system; null where the text does not say. */
export interface OsReading {
  name: string | null;
  version: string | null;
}

/** Reads `/etc/os-release`: shell-like lines, values with or without quotes. */
export function parseOsRelease(text: string): OsReading {
  const row = (name: string) => {
    const match = new RegExp(`^${name}=(.*)$`, 'm').exec(text);
    return (
      oneLine(
        (match?.[1] ?? '')
          .trim()
          .replace(/^(["'])(.*)\1$/, '$2')
          .replace(/\\(.)/g, '$1'),
      ) || null
    );
  };
  return { name: row('PRETTY_NAME') ?? row('NAME'), version: row('VERSION_ID') };
}

/** Reads what macOS's `sw_vers` prints. */
export function parseSwVers(text: string): OsReading {
  const row = (name: string) => oneLine(new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1] ?? '') || null;
  return { name: row('ProductName'), version: row('ProductVersion') };
}

/**
 * Looks at the operating system. Asked of the system itself and not of systeminformation, whose `osInfo` looks up the full
 * host name: a question that would leave the machine by DNS.
 */
export async function collectOs(timeoutMs: number): Promise<Collected<Os>> {
  const reading = await readingOf(process.platform, timeoutMs);
  const facts: Os = { platform: process.platform, ...reading, kernel: release(), hostname: systemHostname() };
  const lacks = reading.name === null ? [unknownFact('os', 'The system does not tell its name.')] : [];
  return { facts, notKnown: lacks };
}

async function readingOf(platform: NodeJS.Platform, timeoutMs: number): Promise<OsReading> {
  if (platform === 'win32') return { name: version(), version: release() };
  if (platform === 'darwin') {
    const answer = await runTool('sw_vers', [], timeoutMs);
    return parseSwVers(answer.kind === 'ok' ? answer.stdout : '');
  }
  for (const path of ['/etc/os-release', '/usr/lib/os-release']) {
    const text = await within(timeoutMs, readFile(path, 'utf8'));
    if (text) return parseOsRelease(text);
  }
  return { name: null, version: null };
}
