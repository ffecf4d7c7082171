import { stat } from 'node:fs/promises';
import { appError } from '../../../shared/errors/app-error.ts';
import type { Finding } from '../../../shared/finding.ts';
import type { BundleContent } from '../bundle/format.ts';
import { modelUsers } from '../site/model-users.ts';
import { readImports } from './import-record.ts';

/** A name of the store that an import gives to other content. Digests are those of the manifests. */
export interface Replaced {
  kind: 'model' | 'files';
  name: string;
  oldDigest: string;
  newDigest: string;
}

/**
 * Which models and file sets of the store an import would replace by others of the same name. Throws `import.model-in-use` for a
 * model that a deployed site of this store serves: nothing may change under it.
 */
export async function findReplaced(
  contents: readonly BundleContent[],
  store: string,
  sites: string | undefined,
): Promise<Replaced[]> {
  const records = await readImports(store);
  const replaced: Replaced[] = [];
  for (const { kind, name, manifest } of contents) {
    if (kind === 'image') continue;
    const held = records.flatMap((one) => (kind === 'model' ? one.models : one.files)).find((one) => one.name === name);
    if (!held || held.manifestDigest === manifest.digest || !(await isThere(held.path))) continue;
    const one: Replaced = { kind, name, oldDigest: held.manifestDigest, newDigest: manifest.digest };
    const users = kind === 'model' && sites ? (await modelUsers(sites, name)).map((user) => user.site) : [];
    const { oldDigest, newDigest } = one;
    if (users.length > 0) throw appError('import.model-in-use', { name, sites: users, oldDigest, newDigest });
    replaced.push(one);
  }
  return replaced;
}

/** What is said of a replaced name in the result. */
export function replacedFinding({ kind, name, oldDigest, newDigest }: Replaced): Finding {
  const what = kind === 'model' ? 'model' : 'file set';
  return {
    id: 'import.replaced',
    severity: 'amber',
    title: `The ${what} ${name} of the store was replaced by another of the same name: it was ${oldDigest}, now it is ${newDigest}.`,
    consequence: 'Whoever takes it from the store by this name gets the new content.',
    remedies: [
      {
        kind: 'steps',
        steps: [
          'If the old content is needed too, pack it under another name (field `name` of BUNDLE.yaml) and import that.',
        ],
      },
    ],
  };
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
