import { describe, expect, it } from 'vitest';
import { draftOf, newEntry, specOf } from '../../../src/renderer/features/pack/pack-draft.ts';
import { bundleSpec } from '../../../src/shared/bundle-spec.ts';

describe('the form of a bundle', () => {
  const spec = bundleSpec.parse({
    bundle: 1,
    name: 'site-a',
    requirements: { gitlab: '18.9', note: 'hello' },
    installers: '/packages',
    network: { ca: '/ca.pem', tokenHosts: ['auth.example'] },
    contents: [
      { kind: 'model', name: 'm', path: '/w/m.gguf', licence: 'MIT', publisher: 'Somebody' },
      { kind: 'model', name: 'h', from: 'hub', repository: 'lab/tiny', revision: 'v1', include: ['*Q4*'] },
      { kind: 'files', name: 'f', paths: ['/a', '/b'] },
      { kind: 'files', name: 'u', urls: [{ url: 'https://host.example/a.tgz', sha256: 'a'.repeat(64) }] },
      {
        kind: 'files',
        name: 'd',
        paths: ['/d'],
        provides: 'browser',
        for: { system: 'rhel', version: '9', architecture: 'arm64' },
      },
      { kind: 'image', reference: 'host/app:1', path: '/i', platform: 'linux/arm64' },
      { kind: 'image', reference: 'host/app:2', engine: 'docker' },
      { kind: 'image', reference: 'host/app:3', from: 'registry', mirror: 'mirror.example/hub' },
    ],
  });

  it('returns what it was filled with', () => {
    expect(bundleSpec.parse(specOf(draftOf(spec)))).toEqual(spec);
  });

  it('takes a path that was typed instead of the Hub', () => {
    const draft = draftOf(spec);
    const entries = draft.entries.map((one) => (one.name === 'h' ? { ...one, path: '/w/h' } : one));
    expect((specOf({ ...draft, entries }).contents as object[])[1]).toEqual({ kind: 'model', name: 'h', path: '/w/h' });
  });

  it('leaves out empty values and those of another kind', () => {
    const entry = newEntry('image', { reference: 'host/app:1', source: 'engine', path: '/typed/before', name: 'old' });
    const files = newEntry('files', { name: 'f', paths: ['/a', ' '] });
    const made = specOf({ name: 'b', gitlab: ' ', note: '', installers: '', entries: [entry, files] });
    expect(made).toEqual({
      bundle: 1,
      name: 'b',
      contents: [
        { kind: 'image', reference: 'host/app:1', engine: 'docker', platform: 'linux/amd64' },
        { kind: 'files', name: 'f', paths: ['/a'] },
      ],
    });
  });
});
