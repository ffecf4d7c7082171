import { z } from 'zod';
import { hexDigest } from './digest.ts';
import { fullReference, imageName } from './image-reference.ts';
import { path } from './spec-fields.ts';

const namesRegistry = (path: string) => fullReference(`${path}/x`).split('/')[0] === path.split('/')[0];
const isImageName = (text: string) => imageName.safeParse(text.replace(/\/+/g, '/')).success;

/** A file that is fetched from its address while packing. */
export const urlSpec = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .describe('Address of the file. Also with http, since its digest is checked.'),
  sha256: hexDigest.describe("The file's SHA-256 in quotes, from its publisher."),
  name: z.string().min(1).max(255).optional().describe('Name of the file. Default: the end of the address.'),
});

/** A Helm chart that is fetched while packing. */
export const chartSpec = z
  .strictObject({
    repository: z
      .string()
      .max(1000)
      .regex(/^(https|oci):\/\/[^\s@*?#]+$/, 'write it as https://host/folder or oci://host/folder')
      .describe('Helm repository: the address above its index.yaml, or oci:// and the folder in a registry.'),
    name: z
      .string()
      .max(100)
      .regex(/^[a-z0-9][a-z0-9._-]*$/, 'write it as the repository does')
      .describe('Name of the chart.'),
    version: z
      .string('put the version in quotes')
      .max(100)
      .regex(/^v?\d[\w.+-]*$/, 'write one exact version, such as "1.2.3"')
      .describe('Its exact version, in quotes.'),
    sha256: hexDigest
      .optional()
      .describe("SHA-256 of the chart's .tgz file; needed only where the repository's index has none."),
  })
  .refine(({ repository, name }) => !/^oci:/.test(repository) || isImageName(`${repository.slice(6)}/${name}:1`), {
    message: 'write it as oci://host/folder, in lower case',
    path: ['repository'],
  })
  .refine(({ repository }) => !/^oci:/.test(repository) || namesRegistry(repository.slice(6)), {
    message: 'write its host with a dot or a port: without, it would be a folder of Docker Hub',
    path: ['repository'],
  })
  .describe('A Helm chart, packed as NAME-VERSION.tgz.');

const debianName = z
  .string()
  .max(200)
  .regex(
    /^[a-z0-9][a-z0-9+.-]+(\/[\w.][\w./-]*)?$/,
    'write the name of a package, such as docker.io, or with a suite: podman/bookworm-backports',
  );

const debianSource = z
  .strictObject({
    address: z
      .url({ protocol: /^https?$/ })
      .max(1000)
      .regex(/^[^?#@]+$/, 'write it as in sources.list')
      .describe('Address of the repository, as in sources.list.'),
    suites: z
      .array(z.string().regex(/^[\w.][\w./-]*$|^\/$/, 'write it as in sources.list'))
      .min(1)
      .max(20)
      .describe('Its suites, such as bookworm; one that ends in a slash has no components.'),
    components: z
      .array(z.string().regex(/^[a-z0-9][\w./-]*$/))
      .min(1)
      .max(20)
      .default(['main']),
    keyring: path
      .optional()
      .describe(
        'File with the keys that sign the repository. Without it, the signature is not checked, and the address must be https.',
      ),
  })
  .refine(({ address, keyring }) => keyring !== undefined || /^https:/i.test(address), {
    message: 'name the keyring, or an address with https: without either, anyone on the way can change the packages',
    path: ['keyring'],
  });

/** Packages of Debian or Ubuntu that are fetched while packing. */
export const debianSpec = z
  .strictObject({
    packages: z
      .array(debianName)
      .min(1)
      .max(200)
      .describe(
        'Names of packages, each with its suite (podman/bookworm-backports) where that is one that apt takes nothing of by itself. What they depend on is added.',
      ),
    sources: z.array(debianSource).min(1).max(20).describe('Repositories of Debian or Ubuntu packages.'),
    withBase: z
      .boolean()
      .default(false)
      .describe('Also packs what every machine of the distribution has (essential and required packages).'),
  })
  .describe(
    'Packages of Debian or Ubuntu repositories with their dependencies, the newest versions at the time of packing. RPM packages are named with paths or urls.',
  );

export type UrlSpec = z.infer<typeof urlSpec>;
export type ChartSpec = z.infer<typeof chartSpec>;
export type DebianSpec = z.infer<typeof debianSpec>;
