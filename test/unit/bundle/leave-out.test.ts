import { expect, it } from 'vitest';
import { leaveOut } from '../../../src/main/core/bundle/pack/leave-out.ts';
import type { ContentSource } from '../../../src/main/core/bundle/sources/content-source.ts';
import { quietWork } from '../../../src/main/core/work.ts';

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const [config, below, above] = [digest('a'), digest('b'), digest('c')];
const blob = (of: string) => ({ digest: of, sizeBytes: 10 });
const image = (saved?: object) =>
  ({
    ...{ kind: 'image', name: 'app:1', saved },
    blobs: [config, below, above].map((of) => ({ key: of, digest: of, range: { path: '/x', sizeBytes: 10 } })),
    finish: () => ({ blobs: [config, below, above].map(blob) }),
  }) as unknown as ContentSource;
const held = {
  ...{ kind: 'bundle' as const, name: 'old', created: '2026-11-01T00:00:00.000Z', sha256: 'd'.repeat(64) },
  contents: [{ kind: 'image' as const, name: 'app:0', manifest: blob(digest('e')), blobs: [config, below].map(blob) }],
};
const leftOut = async (...sources: ContentSource[]) =>
  (await leaveOut(sources, held, '/nowhere', quietWork())).leftOut.digests;

it("leaves out an image's lowest layers that the site has", async () => {
  expect(await leftOut(image())).toEqual(new Set([below]));
});

it('leaves out no layer beside an image that its engine streams, which may have the same one', async () => {
  expect(await leftOut(image(), image({ estimateBytes: 30 }))).toEqual(new Set());
});
