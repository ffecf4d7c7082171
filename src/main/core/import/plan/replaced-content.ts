import { type AppError, appError } from '../../../../shared/errors/app-error.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { BundleContent } from '../../bundle/format/format.ts';
import { pathExists } from '../../files/path-exists.ts';
import { modelUsers } from '../../sites/model-users.ts';
import type { ImportRecord } from '../../store/import-record.ts';

/** A name in the store that an import reuses for different content. Digests are those of the manifests. */
export interface Replaced {
  kind: 'model' | 'files';
  name: string;
  oldDigest: string;
  newDigest: string;
  /** Names of the deployed sites that serve it: then it must not be replaced, since nothing may change under them. */
  users: string[];
}

/** Returns the models and file sets of the store that an import would replace by others of the same name. */
export async function findReplaced(
  contents: readonly BundleContent[],
  records: readonly ImportRecord[],
  sites: string | undefined,
): Promise<Replaced[]> {
  const replaced: Replaced[] = [];
  for (const { kind, name, manifest } of contents) {
    if (kind === 'image') continue;
    const held = records.flatMap((one) => (kind === 'model' ? one.models : one.files)).find((one) => one.name === name);
    if (!held || held.manifestDigest === manifest.digest || !(await pathExists(held.path))) continue;
    const users = kind === 'model' && sites ? (await modelUsers(sites, name)).map((user) => user.site) : [];
    replaced.push({ kind, name, oldDigest: held.manifestDigest, newDigest: manifest.digest, users });
  }
  return replaced;
}

/** The refusal of an import that would replace a model which sites serve. */
export function inUseError({ name, users, oldDigest, newDigest }: Replaced): AppError {
  return appError('import.model-in-use', { name, sites: users, oldDigest, newDigest });
}

/** The finding about a replaced name, before the import (`import.replaces`) or after it (`import.replaced`). */
export function replacedFinding({ kind, name, oldDigest, newDigest }: Replaced, isDone: boolean): Finding {
  const what = `The ${kind === 'model' ? 'model' : 'file set'} ${name} in the store`;
  return {
    id: isDone ? 'import.replaced' : 'import.replaces',
    severity: 'amber',
    title: `${what} ${isDone ? 'was' : 'will be'} replaced: ${oldDigest} by ${newDigest}.`,
    consequence: 'Anyone who uses it by this name gets the new content.',
    remedies: [
      {
        kind: 'steps',
        steps: ['If you need both, have one packed under another name (field `name` of BUNDLE.yaml) and import that.'],
      },
    ],
  };
}
