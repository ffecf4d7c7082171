import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bundleSpec } from '../../../src/shared/bundle-spec.ts';
import {
  fullReference,
  imageName,
  imageReference,
  nameAndTag,
  parseImageReference,
} from '../../../src/shared/image-reference.ts';
import { siteFile } from '../../../src/shared/site-file.ts';
import { containerSite } from '../../scenes/container-site.ts';

const digest = `sha256:${'0'.repeat(64)}`;

function mayBePacked(reference: string): boolean {
  const content = { kind: 'image', path: 'image.tar', reference, platform: 'linux/amd64', licence: 'MIT' };
  return bundleSpec.safeParse({ bundle: 1, name: 'spring', contents: [content] }).success;
}

function mayBeNamed(image: string): boolean {
  const site = containerSite();
  return siteFile.safeParse({ ...site, gateway: { ...site.gateway, image } }).success;
}

describe('an image reference', () => {
  it.each([
    ['busybox:1', true],
    ['a.example:5000/x/y_z:v1.2', true],
    ['registry.example/a/b__c/d--e:1', true],
    // A bundle could carry these, and no site file could name them.
    ['Registry.Example/team/app:1.0', true],
    ['GPU-01:5000/x/y:1', true],
    // A site file could name these, which engines refuse.
    ['a..b:1', false],
    ['a-:1', false],
    ['a.-b/x:1', false],
    ['-registry.example/x:1', false],
    ['registry.example./x:1', false],
    ['registry.example/a..b:1', false],
    ['busybox', false],
    ['a.example:5000/x', false],
    ['Ubuntu:1', false],
    ['a/b:', false],
    ['-v:1', false],
    ['a/../b:1', false],
    ['a b:1', false],
    ['a:1\n', false],
    ['a@sha256:1', false],
    [`${'a'.repeat(253)}:1`, true],
    [`${'a'.repeat(254)}:1`, false],
    ['', false],
  ])('%j means the same to BUNDLE.yaml and site.yaml: %s', (reference, isTaken) => {
    expect({ packed: mayBePacked(reference), named: mayBeNamed(reference) }).toEqual({
      packed: isTaken,
      named: isTaken,
    });
  });

  it('may end in a digest in a site file only, because an import gives an image a name', () => {
    for (const reference of [`a/b@${digest}`, `a/b:1@${digest}`]) {
      expect({ packed: mayBePacked(reference), named: mayBeNamed(reference) }).toEqual({ packed: false, named: true });
    }
  });

  const anyReference = fc.oneof(
    fc.stringMatching(
      /^([A-Za-z0-9.-]{1,9}(:[0-9]{1,5})?\/)?[A-Za-z0-9._-]{1,9}(\/[a-z0-9._-]{1,9}){0,2}(:[\w.-]{1,9})?$/,
    ),
    fc.string({ unit: fc.constantFrom(...'aZ0.-_:/@ ') }),
  );

  it('can be named in a site file exactly when it can be packed', () => {
    fc.assert(
      fc.property(anyReference, (text) => {
        expect(imageReference.safeParse(text).success).toBe(imageName.safeParse(text).success);
        expect(imageReference.safeParse(`${text}@${digest}`).success).toBe(
          imageName.safeParse(text).success || imageName.safeParse(`${text}:1`).success,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('is put together again from its parts', () => {
    fc.assert(
      fc.property(anyReference, fc.constantFrom('', `@${digest}`), (name, end) => {
        const text = name + end;
        const parts = parseImageReference(text);
        if (!parts) {
          expect(imageReference.safeParse(text).success).toBe(false);
          return;
        }
        expect(`${parts.name}${parts.tag ? `:${parts.tag}` : ''}${parts.digest ? `@${parts.digest}` : ''}`).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  it('is taken apart at the tag and not at the port of the registry', () => {
    expect(parseImageReference(`GPU-01:5000/x/y:1@${digest}`)).toEqual({ name: 'GPU-01:5000/x/y', tag: '1', digest });
    expect(parseImageReference('a.example:5000/x')).toEqual({ name: 'a.example:5000/x' });
    expect(parseImageReference('a b:1')).toBeUndefined();
    expect(nameAndTag('a.example:5000/x:2')).toEqual({ name: 'a.example:5000/x', tag: '2' });
    expect(() => nameAndTag('a.example:5000/x')).toThrow('is not name:tag');
  });

  it.each([
    ['app:1', 'docker.io/library/app:1'],
    ['library/app:1', 'docker.io/library/app:1'],
    ['docker.io/app:1', 'docker.io/library/app:1'],
    ['index.docker.io/library/app:1', 'docker.io/library/app:1'],
    ['team/app:1', 'docker.io/team/app:1'],
    ['registry.example/app:1', 'registry.example/app:1'],
    ['localhost/app:1', 'localhost/app:1'],
    ['localhost:5000/app:1', 'localhost:5000/app:1'],
    ['GPU/app:1', 'GPU/app:1'],
  ])('%s is %s in full', (short, full) => expect(fullReference(short)).toBe(full));
});
