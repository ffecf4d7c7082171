import { isWithin, parseGitlabVersion, versionText } from '../../catalog/gitlab-version.ts';
import type { ChosenModel } from './choose-models.ts';
import { contradiction, type NeedsQuestion } from './needs-question.ts';
import type { ByHand, ImageOrigin, ImagePart } from './origins-catalog.ts';

/** An image that the site needs. */
export interface NeededImage extends Pick<ImageOrigin, 'title' | 'repository' | 'licence' | 'bytes' | 'source'> {
  part: ImagePart;
  /** With a * for the highest number in the registry. */
  tag: string;
  platform: string;
  why: string[];
}

const byEngine = {
  vllm: ['vllm'],
  ollama: ['ollama'],
  'litellm-ollama': ['ollama', 'litellm'],
  llamacpp: [],
  none: [],
} as const satisfies Record<string, readonly ImagePart[]>;

const architectures: Record<string, string> = { x64: 'amd64', arm64: 'arm64' };
/** The first version whose flows run without internet (GitLab documentation, offline deployment). */
const flowsSince = '18.9';

/** Returns the images of a site, and what of it no catalogue row has. Throws `needs.contradict` for a FIPS gateway that does not exist. */
export function neededImages(
  question: NeedsQuestion,
  models: readonly ChosenModel[],
): { images: NeededImage[]; byHand: ByHand[] } {
  const parts = partsOf(question);
  const images = parts.flatMap((part) => imageOf(question, part, models) ?? []);
  const version = parseGitlabVersion(question.site.gitlab);
  const byHand = question.origins.byHand
    .filter((row) => isWithin(version, row))
    .filter(({ part }) => !part || (parts.includes(part) && !images.some((image) => image.part === part)));
  return { images, byHand };
}

function partsOf({ site, features }: NeedsQuestion): ImagePart[] {
  const hasFlows =
    features.includes('agentPlatform') && isWithin(parseGitlabVersion(site.gitlab), { from: flowsSince });
  return ['gateway', ...(hasFlows ? (['executor'] as const) : []), ...byEngine[site.engine]];
}

function imageOf(question: NeedsQuestion, part: ImagePart, models: readonly ChosenModel[]): NeededImage | undefined {
  const { site, machine, origins } = question;
  const version = parseGitlabVersion(site.gitlab);
  const isFips = part === 'gateway' && site.fips;
  const row = origins.images.find((one) => one.part === part && one.fips === isFips && isWithin(version, one));
  if (!row) {
    if (isFips)
      throw contradiction([`No FIPS image of the gateway is known for GitLab ${site.gitlab}.`], 'Remove fips.');
    return undefined;
  }
  const { title, repository, licence, bytes, source, note } = row;
  const vllm = vllmVersion(question, models);
  const architecture = architectures[machine?.cpu.architecture ?? 'x64'] ?? 'amd64';
  return {
    part,
    title,
    repository,
    tag: row.tag.replace('{gitlab}', versionText(version)).replace('{vllm}', vllm.version),
    platform: row.platform ?? `linux/${architecture}`,
    ...(licence && { licence }),
    ...(bytes && { bytes }),
    source,
    why: [...whyOf(part, site.gitlab), ...(part === 'vllm' ? [vllm.why] : []), ...(note ? [note] : [])],
  };
}

function whyOf(part: ImagePart, gitlab: string): string[] {
  const reasons: Record<ImagePart, string> = {
    gateway: `Its major and minor version must be those of GitLab ${gitlab}; the newest patch is the right one.`,
    executor: 'Flows of the Agent Platform run in it on the runners. Its tag belongs to the GitLab version.',
    vllm: 'It serves the models.',
    ollama: 'It serves the model.',
    litellm: 'It translates between the AI Gateway and Ollama, as GitLab documented for 17.x.',
  };
  return [reasons[part]];
}

/** The newest of the versions that models and GitLab need at least. */
function vllmVersion({ chosen, origins }: NeedsQuestion, models: readonly ChosenModel[]) {
  const known = origins.vllm;
  const needed = [
    { version: known.version, why: `Version ${known.version}: ${known.source}.` },
    ...[chosen.page.vllmMinimum ?? []].flat().map(({ version, source }) => ({
      version,
      why: `GitLab needs at least ${version} (${source}).`,
    })),
    ...models.flatMap(({ model, row }) => {
      const { minimumVersion: version, source } = model.vllm ?? {};
      return version === undefined ? [] : [{ version, why: `${row.name} needs at least ${version} (${source}).` }];
    }),
  ];
  const { compare } = new Intl.Collator('en', { numeric: true });
  return needed.reduce((newest, one) => (compare(one.version, newest.version) > 0 ? one : newest));
}
