import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeWhole } from '../../core/files/write-whole.ts';

const gitlabModel = z.strictObject({
  id: z.string(),
  name: z.string(),
  model: z.string(),
  endpoint: z.string(),
  identifier: z.string().nullable(),
  apiToken: z.string().nullable(),
});
const gitlabState = z.strictObject({
  version: z.literal(1),
  instanceId: z.string(),
  /** RSA private key, PKCS#8 PEM; kept, so that a gateway that cached the public key still accepts it after a restart. */
  signingKey: z.string(),
  nextModelId: z.int().positive(),
  duoSettings: z.strictObject({
    aiGatewayUrl: z.string().nullable(),
    duoAgentPlatformServiceUrl: z.string().nullable(),
    selfHostedDuoAgentPlatformServiceSecure: z.boolean(),
    aiGatewayTimeoutSeconds: z.int(),
  }),
  models: z.array(gitlabModel),
  /** Feature → provider and model; missing features are unassigned. */
  features: z.record(z.string(), z.strictObject({ provider: z.string(), modelId: z.string().nullable() })),
});
/** The state of the simulated GitLab. */
export type GitlabState = z.infer<typeof gitlabState>;
export type GitlabModel = z.infer<typeof gitlabModel>;

/** Reads the state file, or starts a new instance when there is none. Throws for an invalid file. */
export async function loadState(path: string): Promise<GitlabState> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text !== undefined) return gitlabState.parse(JSON.parse(text));
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const fresh: GitlabState = {
    version: 1,
    instanceId: randomUUID(),
    signingKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    nextModelId: 1,
    duoSettings: {
      aiGatewayUrl: null,
      duoAgentPlatformServiceUrl: null,
      selfHostedDuoAgentPlatformServiceSecure: true,
      aiGatewayTimeoutSeconds: 60,
    },
    models: [],
    features: {},
  };
  await saveState(path, fresh);
  return fresh;
}

/** Writes the state whole, mode 0600. */
export async function saveState(path: string, state: GitlabState): Promise<void> {
  await writeWhole(path, JSON.stringify(state, null, 2), { folderMode: 0o700 });
}
