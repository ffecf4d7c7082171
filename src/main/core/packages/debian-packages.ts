import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool } from '../processes/run-tool.ts';

const timeoutMs = 60_000;
/** `dpkg-deb` unpacks the control files of a package to read them, however much they expand; of these, 16 MiB each and so many seconds are enough. */
const limits = ['--fsize=16777216', '--cpu=10'];

/** Returns those .deb files whose package is installed in this or a newer version; apt-get refuses to replace a newer one. */
export async function installedDebs(files: readonly string[]): Promise<string[]> {
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: the fields are dpkg's
  const listed = await said('dpkg-query', [
    '--show',
    '--showformat=${db:Status-Status} ${Package}:${Architecture} ${Version}\\n',
  ]);
  const shown = '--showformat=${Package}:${Architecture} ${Version}';
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above
  const rows = listed.split('\n').map((line) => line.split(' '));
  const versions = new Map(
    rows.flatMap(([state, name = '', have = '']) => (state === 'installed' ? [[name, have]] : [])),
  );
  const present: string[] = [];
  // Where a killed `dpkg-deb` leaves what it unpacked.
  const unpacked = await mkdtemp(join(tmpdir(), 'sealift-deb-'));
  const show = ['env', `TMPDIR=${unpacked}`, 'dpkg-deb', '--show', shown];
  try {
    for (const file of files) {
      const [name = '', brought = ''] = (await said('prlimit', [...limits, ...show, file])).split(' ');
      const have = versions.get(name);
      if (have !== undefined && (await isAtLeast(have, brought))) present.push(file);
    }
  } finally {
    await rm(unpacked, { recursive: true, force: true, maxRetries: 5 });
  }
  return present;
}

async function isAtLeast(have: string, brought: string): Promise<boolean> {
  return (await runTool('dpkg', ['--compare-versions', have, 'ge', brought], timeoutMs)).kind === 'ok';
}

/** What a tool prints, or nothing if it fails: apt-get then reports the reason. */
async function said(tool: string, args: string[]): Promise<string> {
  const answer = await runTool(tool, args, timeoutMs);
  return answer.kind === 'ok' ? answer.stdout.trim() : '';
}
