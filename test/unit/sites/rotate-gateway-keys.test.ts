import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { rotateGatewayKeys } from '../../../src/main/core/sites/rotate-gateway-keys.ts';
import { recordKeysBrought } from '../../../src/main/core/sites/rotation-record.ts';
import { sitePaths } from '../../../src/main/core/sites/site-paths.ts';
import { makeSecret } from '../../../src/main/core/sites/site-secret.ts';

const day = (number: number) => new Date(Date.UTC(2026, 0, number));

async function siteWithKeys() {
  const folder = await mkdtemp(join(tmpdir(), 'sealift-rotate-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const paths = sitePaths(folder, 'plant');
  await mkdir(paths.secrets, { recursive: true });
  for (const name of ['aigw_signing.key', 'aigw_validation.key'])
    await writeFile(join(paths.secrets, name), await makeSecret('rsa-2048'));
  return {
    record: join(paths.secrets, 'gateway-rotations.json'),
    key: (name: string) => readFile(join(paths.secrets, name), 'utf8'),
    rotate: (on: number, dropOldKeys = false) => rotateGatewayKeys(paths, { now: day(on), dropOldKeys }),
    bring: (on: number) => recordKeysBrought(paths, day(on)),
  };
}

it('the three days count from when the gateway first got the new keys', async () => {
  const { key, rotate, bring } = await siteWithKeys();
  await bring(1);
  const [first, unused] = [await key('aigw_signing.key'), await key('aigw_validation.key')];
  await rotate(1);
  expect(await key('aigw_validation.key')).toBe(first);
  expect(first).not.toBe(unused);
  // The gateway still signs with the first key.
  await expect(rotate(5)).rejects.toMatchObject({ code: 'site.keys-not-brought' });
  await bring(5);
  await bring(7);
  await expect(rotate(7)).rejects.toMatchObject({
    code: 'site.keys-too-young',
    wire: { details: { notBefore: '2026-01-08' } },
  });
  expect(await key('aigw_validation.key')).toBe(first);
  const second = await key('aigw_signing.key');
  await rotate(8);
  expect(await key('aigw_validation.key')).toBe(second);
  await rotate(8, true);
  expect(await key('aigw_validation.key')).not.toBe(second);
});

it('a damaged record blocks no deployment, and no rotation that needs none', async () => {
  const { record, rotate, bring } = await siteWithKeys();
  await writeFile(record, '{"version":2}');
  await bring(1);
  await expect(rotate(1)).rejects.toMatchObject({ code: 'site.rotations-damaged' });
  expect(await rotate(1, true)).toHaveLength(1);
  await expect(rotate(1)).rejects.toMatchObject({ code: 'site.keys-not-brought' });
});
