import { command } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { Hangs } from '../../../../shared/part-health.ts';
import { timeText } from '../../../../shared/time-text.ts';

/** What can hang and be restarted: the parts of a service, and its model server in containers. */
interface Watched {
  parts: readonly { name: string; hangs?: Hangs | undefined }[];
  modelHangs?: Hangs | undefined;
  /** The same of each of several, by the model's part. */
  modelHangsOf?: Readonly<Record<string, Hangs>> | undefined;
}

/** Reports each part of a site that hung and was restarted since its service started: how often, when last, and how it showed. */
export function hangFindings(site: string, { parts, modelHangs, modelHangsOf = {} }: Watched): Finding[] {
  const logs = `sealift logs --site ${site}`;
  const containers = Object.entries(modelHangsOf).map(([name, hangs]) => ({ name, hangs }));
  const found = [...parts, ...containers].flatMap(({ name, hangs }) =>
    hangs ? [finding(name, hangs, `${logs} --part ${name}`)] : [],
  );
  // Its containers are parts of other names.
  return modelHangs ? [...found, finding('model', modelHangs, logs)] : found;
}

/** Words a number of times: "once", "3 times". */
export function timesText(times: number): string {
  return times === 1 ? 'once' : `${times} times`;
}

function finding(name: string, { times, lastAt, lastSign }: Hangs, logs: string): Finding {
  return {
    id: 'site.part-hung',
    severity: 'amber',
    title: `${name} hung and was restarted ${timesText(times)}, last at ${timeText(lastAt)}`,
    consequence: `It ${lastSign}. Requests in that time may have failed.`,
    remedies: [command('Read its log', logs)],
  };
}
