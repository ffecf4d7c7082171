import { z } from 'zod';
import { packagesFor, packageUse } from './carried-packages.ts';
import { chartSpec, debianSpec, urlSpec } from './fetched-files.ts';
import { fullReference, imageName } from './image-reference.ts';
import { issueText } from './issue-text.ts';
import { modelSpec } from './model-spec.ts';
import { quotedVersion, siteNeeds } from './site-needs.ts';
import { licence, path, slug } from './spec-fields.ts';

/** The most contents of a bundle, so that its list stays small enough for an answer. */
export const maxContents = 200;

const hostPattern = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/;
const mirrorPattern = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?(\/[a-z0-9._-]+)*$/;
const mirror = z.string().max(255).regex(mirrorPattern, 'write it as host or host/folder, such as mirror.example/hub');

const files = z
  .strictObject({
    kind: z.literal('files'),
    name: slug,
    paths: z.array(path).max(1000).default([]),
    urls: z
      .array(urlSpec)
      .max(1000)
      .default([])
      .describe('Files that are fetched while packing, straight onto the media.'),
    charts: z
      .array(chartSpec)
      .max(100)
      .default([])
      .describe('Helm charts that are fetched while packing. The lock file pins their digests.'),
    debian: debianSpec.optional(),
    provides: packageUse
      .optional()
      .describe('What the .deb or .rpm packages among the files install. Sealift offers them where it is missing.'),
    for: packagesFor.optional().describe('The distribution that these packages are for.'),
    licence,
  })
  .refine((one) => (one.provides === undefined) === (one.for === undefined), {
    message: 'set provides and for together: what the packages install, and on which distribution',
    path: ['for'],
  })
  .refine((one) => one.debian || one.paths.length + one.urls.length + one.charts.length > 0, {
    message: 'name at least one file',
    path: ['paths'],
  })
  .refine((one) => one.debian === undefined || one.for !== undefined, {
    message: 'set provides and for too: what the packages install, and on which distribution',
    path: ['for'],
  })
  .describe('Any other files: installers, packages, charts, notes. A folder includes all files below it.');

const cosignSpec = z
  .strictObject({
    cosignKey: path
      .optional()
      .describe('File with the public key of cosign (cosign.pub) that must have signed the image.'),
    identity: z
      .string()
      .min(1)
      .max(1000)
      .optional()
      .describe(
        'Who must have signed without a key of their own (keyless): the address of a workflow, or an e-mail address.',
      ),
    issuer: z
      .string()
      .min(1)
      .max(1000)
      .optional()
      .describe('Who vouches for that identity, such as https://gitlab.com.'),
    trustRoot: path
      .optional()
      .describe("File with Sigstore's trusted root (trusted_root.json), from a source that you trust."),
  })
  .refine(
    ({ cosignKey, ...keyless }) => Object.values(keyless).filter(Boolean).length === (cosignKey === undefined ? 3 : 0),
    { message: 'set cosignKey alone, or identity, issuer and trustRoot together', path: ['cosignKey'] },
  )
  .describe('Refuses an image without a cosign signature by this key or identity.');

const image = z
  .strictObject({
    kind: z.literal('image'),
    path: path.describe('OCI layout folder, or uncompressed archive from `docker save` or `skopeo copy`.').optional(),
    engine: z
      .literal('docker')
      .describe(
        "Takes the image from the local Docker engine instead of a path. Its digest then differs from the publisher's.",
      )
      .optional(),
    from: z
      .literal('registry')
      .describe('Fetches the image from the registry of its reference while packing, straight onto the media.')
      .optional(),
    mirror: mirror
      .describe('Host, and folder if any, that is asked instead of the registry of the reference.')
      .optional(),
    verify: cosignSpec.optional(),
    reference: imageName.describe('Name and tag that the image gets on the offline side.'),
    platform: z
      .string()
      .regex(/^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9]+)?$/, 'write it as system/architecture, such as linux/amd64')
      .default('linux/amd64'),
    licence,
  })
  .refine((one) => [one.path, one.engine, one.from].filter((way) => way !== undefined).length === 1, {
    message: 'set one of path, engine: docker and from: registry',
    path: ['path'],
  })
  .refine((one) => one.mirror === undefined || one.from !== undefined, {
    message: 'a mirror is only asked with from: registry',
    path: ['mirror'],
  })
  .refine((one) => one.verify === undefined || one.engine === undefined, {
    message: 'an engine keeps no signatures: take the image from its registry, or from an OCI layout',
    path: ['verify'],
  })
  .describe('A container image, kept byte for byte.');

const network = z
  .strictObject({
    ca: path.optional().describe('PEM file with certificate authorities to trust besides those of this machine.'),
    tokenHosts: z
      .array(z.string().regex(hostPattern, 'write it as host or host:port'))
      .max(20)
      .default([])
      .describe(
        'Token services that may receive the login for a registry, besides its own host, its subdomains and its parent domain.',
      ),
    mirrors: z
      .record(z.string().regex(hostPattern, 'write it as host or host:port'), mirror)
      .optional()
      .describe(
        'For registries and for the hosts of urls, by their host: the mirror that is asked instead (with https), unless an image names its own.',
      ),
  })
  .describe('How registries and servers are reached. Proxies come from HTTPS_PROXY and NO_PROXY.');

/** Schema of `BUNDLE.yaml`. */
export const bundleSpec = z
  .strictObject({
    bundle: z.literal(1).describe('Version of this file format.'),
    name: slug.describe('Name of the bundle; the labels of its media start with it.'),
    requirements: z
      .strictObject({
        gitlab: quotedVersion.optional().describe('GitLab version that the contents are for.'),
        note: z.string().max(1000).optional(),
      })
      .default({}),
    network: network.optional(),
    installers: path
      .describe('Folder with packages of Sealift, as `npm run package` makes it, for the first medium.')
      .optional(),
    site: siteNeeds.optional(),
    contents: z
      .array(z.discriminatedUnion('kind', [modelSpec, files, image]))
      .max(maxContents)
      .default([]),
  })
  .refine((spec) => spec.site !== undefined || spec.contents.length > 0, {
    message: 'name at least one content, or describe the site',
    path: ['contents'],
  })
  .refine(({ site, requirements }) => !site || (requirements.gitlab ?? site.gitlab) === site.gitlab, {
    message: 'is another version than that of the site: leave it out',
    path: ['requirements', 'gitlab'],
  })
  .superRefine(refuseTwins)
  .describe('Contents of a Sealift bundle.');

export type BundleSpec = z.infer<typeof bundleSpec>;

/** What is wrong with one field of a `BUNDLE.yaml`. */
export interface SpecProblem {
  /** Keys and list positions that lead to the field. */
  path: (string | number)[];
  /** How to correct it. */
  problem: string;
  /** The refused value, where showing it helps. */
  value?: unknown;
}

/** Checks a `BUNDLE.yaml`, whether it comes from a file or from a form. A new check belongs into `bundleSpec`, which both use through here. */
export function checkBundleSpec(value: unknown): { spec: BundleSpec } | { problems: SpecProblem[] } {
  const checked = bundleSpec.safeParse(value);
  if (checked.success) return { spec: checked.data };
  return {
    problems: checked.error.issues.map((issue) => ({
      path: issue.path.map((key) => (typeof key === 'number' ? key : String(key))),
      problem: issueText(issue),
      ...(issue.code !== 'unrecognized_keys' && { value: valueAt(value, issue.path) }),
    })),
  };
}

function valueAt(root: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], root);
}

type ContentSpec = BundleSpec['contents'][number];
export type ModelSpec = Extract<ContentSpec, { kind: 'model' }>;
/** A model from a file or folder. */
export type ModelPathSpec = ModelSpec & { path: string };
/** A model from the Hub. */
export type HubModelSpec = ModelSpec & { repository: string };
/** A model whose files have an address each. */
export type UrlModelSpec = ModelSpec & { urls: NonNullable<ModelSpec['urls']> };
/** A model from Ollama's store. */
export type OllamaModelSpec = ModelSpec & { tag: string };
export type FilesSpec = Extract<ContentSpec, { kind: 'files' }>;
/** What an image's signature must be. */
export type CosignSpec = z.infer<typeof cosignSpec>;
export type ImageSpec = Extract<ContentSpec, { kind: 'image' }>;
/** An image from a file or folder. */
export type ImageFileSpec = ImageSpec & { path: string };

function refuseTwins(
  spec: { contents: { kind: string; name?: string; reference?: string }[] },
  context: z.RefinementCtx,
): void {
  const seen = new Map<string, number>();
  spec.contents.forEach((content, index) => {
    const field = content.kind === 'image' ? 'reference' : 'name';
    // `app:1` and `docker.io/library/app:1` are one image to every engine.
    const id = `${content.kind} ${content.name ?? fullReference(content.reference ?? '')}`;
    const first = seen.get(id);
    if (first === undefined) seen.set(id, index);
    else
      context.addIssue({
        code: 'custom',
        path: ['contents', index, field],
        message: `is already used by contents[${first}]`,
      });
  });
}
