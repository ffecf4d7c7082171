import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import { atMost } from '../files/at-most.ts';
import { parseYaml } from '../files/parse-yaml.ts';
import { readNamed } from '../files/read-bounded.ts';

/** A Helm chart: its name and version, the fields of its values.yaml, and its bytes. */
export interface Chart {
  name: string;
  version: string;
  /** Paths of the fields, as in `gitlab.url`; those of lists are not listed. */
  fields: Set<string>;
  /** The numbers among its values, in lists too. */
  numbers: Set<number>;
  bytes: Buffer;
}

const limitBytes = 4 * 1024 * 1024;
const maxUnpackedBytes = 32 * 1024 * 1024;
/** Of Chart.yaml and values.yaml. GitLab's own chart of all its services has less than 100 KiB. */
const maxYamlBytes = 1024 * 1024;
const chartYaml = z.object({ name: z.string().max(100), version: z.string().max(50) });

/** Reads a chart as `helm package` writes it, a .tgz with one folder. Throws `kubernetes.unreadable-chart`, and file errors. */
export async function readChart(path: string): Promise<Chart> {
  const bytes = await readNamed(path, limitBytes, 'The chart');
  const unreadable = (problem: string, cause?: unknown) =>
    appError('kubernetes.unreadable-chart', { path, problem }, cause as Error | undefined);
  const files = await topFiles(bytes).catch((error: Error) => {
    throw unreadable(`it is not a .tgz file (${error.message.slice(0, 100)})`, error);
  });
  const text = files.get('Chart.yaml');
  if (text === undefined) throw unreadable('it contains no Chart.yaml');
  for (const [name, { length }] of files)
    if (length > maxYamlBytes) throw unreadable(`its ${name} is larger than 1 MiB`);
  const about = chartYaml.safeParse(parsedValue(text));
  if (!about.success) throw unreadable('its Chart.yaml has no name and version');
  const values = parsedValue(files.get('values.yaml') ?? Buffer.alloc(0));
  return { ...about.data, fields: new Set(fieldsOf(values, '')), numbers: new Set(numbersOf(values)), bytes };
}

function parsedValue(text: Buffer): unknown {
  const parsed = parseYaml(text);
  return parsed.isYaml ? parsed.value : undefined;
}

function fieldsOf(value: unknown, prefix: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([name, below]) => {
    const field = prefix === '' ? name : `${prefix}.${name}`;
    return [field, ...fieldsOf(below, field)];
  });
}

function numbersOf(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersOf) : [];
}

/** Returns Chart.yaml and values.yaml of the chart itself, not of charts in it. */
async function topFiles(bytes: Buffer): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const unpack = extract();
  unpack.on('entry', (header, stream, next) => {
    const name = /^[^/]+\/(Chart\.yaml|values\.yaml)$/.exec(header.name)?.[1];
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: unknown) => {
      if (name) chunks.push(chunk as Buffer);
    });
    // What goes wrong is the pipeline's to report.
    stream.once('error', () => undefined);
    stream.once('end', () => {
      if (name) files.set(name, Buffer.concat(chunks));
      next();
    });
  });
  await pipeline(Readable.from([bytes]), createGunzip(), atMost(maxUnpackedBytes), unpack);
  return files;
}
