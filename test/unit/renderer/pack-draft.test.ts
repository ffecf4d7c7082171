import { describe, expect, it } from 'vitest';
import { draftOf, newEntry, specOf } from '../../../src/renderer/features/pack/pack-draft.ts';
import { bundleSpec, checkBundleSpec } from '../../../src/shared/bundle-spec.ts';

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
      { kind: 'image', reference: 'host/app:4', path: '/i', verify: { cosignKey: '/cosign.pub' } },
      {
        kind: 'image',
        reference: 'host/app:5',
        from: 'registry',
        verify: { identity: 'https://ci.example/w', issuer: 'https://ci.example', trustRoot: '/root.json' },
      },
      { kind: 'model', name: 'q', from: 'hub', repository: 'lab/tiny-GGUF', quantisation: 'Q4_K_M', exclude: ['*.md'] },
      { kind: 'model', name: 'o', from: 'ollama', tag: 'tiny:1b', store: '/usr/share/ollama/.ollama/models' },
      {
        kind: 'files',
        name: 'c',
        charts: [{ repository: 'oci://host.example/charts', name: 'app', version: '1.0.0', sha256: 'b'.repeat(64) }],
      },
      {
        kind: 'files',
        name: 'debs',
        provides: 'container-engine',
        for: { system: 'debian', version: '12', architecture: 'x64' },
        debian: {
          packages: ['docker.io', 'podman/bookworm-backports'],
          sources: [{ address: 'http://mirror.example/debian', suites: ['bookworm'], keyring: '/keys.gpg' }],
          withBase: true,
        },
      },
      {
        kind: 'files',
        name: 'rpms',
        provides: 'container-engine',
        for: { system: 'rhel', version: '9', architecture: 'x64' },
        urls: [{ url: 'http://mirror.example/a.rpm', sha256: 'c'.repeat(64), name: 'b.rpm' }],
      },
      { kind: 'model', name: 'by-address', urls: [{ url: 'https://mirror.example/m.gguf', sha256: 'd'.repeat(64) }] },
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

  it('takes a repository, charts and Debian packages that were typed', () => {
    const hub = newEntry('model', { name: 'm', repository: 'lab/tiny', quantisation: 'Q8_0' });
    const typed = { packages: 'app, helper/backports', address: 'https://host.example', suites: 'a b', keyring: '' };
    const for12 = { provides: 'browser', system: 'debian', version: '12' } as const;
    const chart = { repository: 'https://host.example/charts', name: 'app', version: '1.0.0' };
    const files = newEntry('files', { name: 'f', charts: [chart], debian: typed, ...for12 });
    const { contents } = bundleSpec.parse(specOf({ ...draftOf(spec), entries: [hub, files] }));
    expect(contents).toMatchObject([
      { from: 'hub', repository: 'lab/tiny', quantisation: 'Q8_0' },
      {
        charts: [chart],
        debian: {
          packages: ['app', 'helper/backports'],
          sources: [{ address: 'https://host.example', suites: ['a', 'b'], components: ['main'] }],
        },
      },
    ]);
  });

  it('takes a model of Ollama, addresses, a mirror and signatures that were typed', () => {
    const signer = {
      by: 'key' as const,
      cosignKey: '/cosign.pub',
      identity: 'typed before',
      issuer: '',
      trustRoot: '',
    };
    const keyless = { identity: 'me@host.example', issuer: 'https://host.example', trustRoot: '/root.json' };
    const image = { source: 'registry' as const, mirror: 'mirror.example/hub' };
    const file = { url: 'https://host.example/a.tgz', sha256: 'a'.repeat(64) };
    const entries = [
      newEntry('model', { name: 'm', tag: 'tiny:1b' }),
      newEntry('files', { name: 'f', urls: [file] }),
      newEntry('image', { reference: 'host.example/app:1', signer, ...image }),
      newEntry('image', {
        reference: 'host.example/app:2',
        signer: { ...signer, ...keyless, by: 'identity' },
        ...image,
      }),
      newEntry('image', { reference: 'host.example/app:3', signer, ...image, source: 'engine' }),
      newEntry('image', { reference: 'host.example/app:4', signer: { ...signer, by: '' }, ...image }),
    ];
    const { contents } = bundleSpec.parse(specOf({ ...draftOf(spec), entries }));
    const fromRegistry = { kind: 'image', platform: 'linux/amd64', from: 'registry', mirror: 'mirror.example/hub' };
    expect(contents).toEqual([
      { kind: 'model', name: 'm', from: 'ollama', tag: 'tiny:1b' },
      { kind: 'files', name: 'f', paths: [], charts: [], urls: [file] },
      { ...fromRegistry, reference: 'host.example/app:1', verify: { cosignKey: '/cosign.pub' } },
      { ...fromRegistry, reference: 'host.example/app:2', verify: keyless },
      { kind: 'image', platform: 'linux/amd64', reference: 'host.example/app:3', engine: 'docker' },
      { ...fromRegistry, reference: 'host.example/app:4' },
    ]);
  });

  it('refuses a signature without a key at its field', () => {
    const entry = newEntry('image', { reference: 'host.example/app:1', source: 'registry' });
    const asked = { ...entry, signer: { ...entry.signer, by: 'key' as const } };
    const checked = checkBundleSpec(specOf({ ...draftOf(spec), entries: [asked] }));
    expect('problems' in checked && checked.problems.map(({ path }) => path.join('.'))).toContain(
      'contents.0.verify.cosignKey',
    );
  });

  it('takes a repository instead of a model of Ollama, and drops a keyring that was removed', () => {
    const draft = draftOf(spec);
    const entries = draft.entries.map((one) => ({
      ...one,
      ...(one.name === 'o' && { repository: 'lab/tiny' }),
      ...(one.name === 'debs' && { debian: { ...one.debian, keyring: '', address: 'https://mirror.example' } }),
    }));
    const { contents } = bundleSpec.parse(specOf({ ...draft, entries }));
    expect(contents.find((one) => one.kind === 'model' && one.name === 'o')).toEqual({
      kind: 'model',
      name: 'o',
      from: 'hub',
      repository: 'lab/tiny',
    });
    const debs = contents.find((one) => one.kind === 'files' && one.name === 'debs');
    expect(debs).toMatchObject({ debian: { sources: [{ address: 'https://mirror.example' }], withBase: true } });
    expect(JSON.stringify(debs)).not.toContain('keyring');
  });

  it('leaves out empty values and those of another kind', () => {
    const entry = newEntry('image', { reference: 'host/app:1', source: 'engine', path: '/typed/before', name: 'old' });
    const debian = { packages: 'podman', address: 'https://mirror.example', suites: 'bookworm', keyring: '' };
    const files = newEntry('files', { name: 'f', paths: ['/a', ' '], debian });
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
