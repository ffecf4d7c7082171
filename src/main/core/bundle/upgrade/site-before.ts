import { appError } from '../../../../shared/errors/app-error.ts';
import { fullReference, parseImageReference } from '../../../../shared/image-reference.ts';
import type { SiteNeeds } from '../../../../shared/site-needs.ts';
import { versionOfGatewayTag, versionText } from '../../catalog/gitlab-version.ts';
import type { Held } from '../read/read-held.ts';

/** What is known of a site before its upgrade. */
export interface SiteBefore extends Pick<SiteNeeds, 'engine' | 'features' | 'fips'> {
  gitlab: string;
  /** How the version is known, in words. */
  basis: string;
  /** The images that it has. */
  images: { repository: string; tag: string }[];
  models: string[];
  notes: string[];
}

/** Returns what an inventory says of its site; what it lacks is taken from its images, and said. Throws `upgrade.version-unknown`. */
export function siteBefore({ site, contents }: Held, given: string | undefined, path: string): SiteBefore {
  const named = (kind: string) => contents.filter((one) => one.kind === kind).map(({ name }) => name);
  const images = named('image').flatMap((name) => {
    const { name: repository, tag } = parseImageReference(fullReference(name)) ?? {};
    return repository !== undefined && tag !== undefined ? [{ repository, tag }] : [];
  });
  const version = versionOf(site?.gitlab, given, images);
  if (!version) throw appError('upgrade.version-unknown', { path });
  const engine = site?.engine ?? engineOf(images);
  const notes = [
    ...(engine === undefined
      ? [
          "The inventory doesn't say which model server the site has: name it as site.engine in the bundle's description.",
        ]
      : []),
    ...(site
      ? []
      : [
          "The inventory doesn't say which features the site uses: name them as site.features in the bundle's description.",
        ]),
  ];
  return {
    ...version,
    engine: engine ?? 'none',
    features: site?.features ?? [],
    fips: site?.fips ?? images.some(({ repository }) => repository.endsWith('/self-hosted-fips')),
    images,
    models: named('model'),
    notes,
  };
}

function versionOf(
  said: string | undefined,
  given: string | undefined,
  images: SiteBefore['images'],
): Pick<SiteBefore, 'gitlab' | 'basis'> | undefined {
  if (given !== undefined) return { gitlab: given, basis: 'as given with --gitlab' };
  if (said !== undefined) return { gitlab: said, basis: 'as the inventory says' };
  const tags = new Map<string, string>();
  for (const { tag } of images) {
    const version = versionOfGatewayTag(tag);
    if (version) tags.set(versionText(version), tag);
  }
  // Of several, any may be the one that runs.
  const [[gitlab, tag] = []] = tags;
  if (tags.size !== 1 || gitlab === undefined) return undefined;
  return { gitlab, basis: `by the tag of its AI Gateway, ${tag}` };
}

function engineOf(images: SiteBefore['images']): SiteNeeds['engine'] | undefined {
  const has = (name: string) => images.some(({ repository }) => repository.endsWith(name));
  if (has('/vllm-openai')) return 'vllm';
  if (has('/ollama')) return has('/litellm') ? 'litellm-ollama' : 'ollama';
  return undefined;
}
