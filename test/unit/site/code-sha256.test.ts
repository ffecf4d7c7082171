import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { codeSha256 } from '../../../src/main/core/site/service/code-sha256.ts';

it('tells one build in a folder from the next one, and from a copy elsewhere', async () => {
  const home = await mkdtemp(join(tmpdir(), 'sealift-code-'));
  onTestFinished(() => rm(home, { recursive: true }));
  const [first, copy, link] = [join(home, 'first'), join(home, 'copy'), join(home, 'link')];
  await mkdir(first);
  for (const name of ['service.js', 'part-front.js']) await writeFile(join(first, name), `import './a-${name}'`);
  await cp(first, copy, { recursive: true });
  await symlink(first, link);
  const before = await codeSha256(first);
  expect(await codeSha256(link)).toBe(before);
  expect(await codeSha256(copy)).not.toBe(before);
  await writeFile(join(first, 'part-front.js'), "import './b.js'");
  expect(await codeSha256(first)).not.toBe(before);
});
