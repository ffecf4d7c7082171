import { z } from 'zod';
import { finding } from '../finding.ts';
import { imageReference } from '../image-reference.ts';
import { call } from '../rpc/contract.ts';

const path = z.string().min(1).max(4096);
/** A name of Kubernetes for namespaces and classes (RFC 1123 label). */
const label = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'use lower-case letters, digits and "-"');

/**
 * vLLM in the cluster, for a site with the engine `external`: it answers at the port of the site's `model.endpoint`. The weights are those
 * of an image that the nodes mount (Kubernetes 1.33 or later), or on a volume that a claim gets and a script fills.
 */
const modelServer = z.strictObject({
  image: imageReference,
  weights: z.union([
    z.strictObject({ image: imageReference }),
    z.strictObject({
      claimGiB: z.int().min(1).max(65_536),
      storageClass: z
        .string()
        .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/)
        .optional(),
    }),
  ]),
  /** 0 runs on the CPU. */
  gpus: z.int().min(0).max(64).default(1),
});

/** What the cluster needs to know besides the site file. */
const wish = z.strictObject({
  siteFile: path,
  outFolder: path,
  /** The gateway's image as the cluster pulls it. */
  image: imageReference,
  /** GitLab's chart as a .tgz file. */
  chart: path,
  namespace: label.default('ai-gateway'),
  ingressClass: label.default('nginx'),
  /** Certificate and key for the gateway's host name, both or none. They are copied. */
  tlsCert: path.optional(),
  tlsKey: path.optional(),
  /** A config.json of Docker with the login to the registry of the image. It is copied. */
  dockerConfig: path.optional(),
  /** Address ranges of GitLab and the model server, for the network policy. */
  allow: z.array(z.string().max(50)).max(64).default([]),
  modelServer: modelServer.optional(),
});

/** The AI Gateway and a model server in a Kubernetes cluster: files for them, and the script that installs them. */
export const kubernetes = {
  /** Writes the files into `outFolder`; a later run replaces them. The keys are the site's own. */
  render: call(
    wish,
    z.object({
      site: z.string(),
      folder: path,
      /** The gateway's host name. */
      host: z.string(),
      chart: z.object({ name: z.string(), version: z.string() }),
      files: z.array(z.object({ name: z.string(), what: z.string() })),
      findings: z.array(finding),
    }),
    { writes: true },
  ),
};
