import { mkdir, writeFile } from 'node:fs/promises';
import { vi } from 'vitest';
import type { TokenRegistry } from '../fakes/token-registry.ts';
import type { MadeCertificate } from './certificates.ts';
import type { PackScene } from './pack-scene.ts';

/** Lets a scene's packs trust a registry and log in to it, until `vi.unstubAllEnvs`. */
export async function useRegistry(
  scene: PackScene,
  registry: TokenRegistry,
  { ca }: Pick<MadeCertificate, 'ca'>,
): Promise<void> {
  await writeFile(scene.at('ca.pem'), ca);
  scene.more = [`network: { ca: ca.pem, tokenHosts: ["${registry.tokens.host}"] }`];
  vi.stubEnv('NO_PROXY', '127.0.0.1');
  vi.stubEnv('DOCKER_CONFIG', scene.at('docker'));
  await logIn(scene, { [registry.registry.host]: [registry.user, registry.password] });
}

/** Writes the logins that a scene's packs find, in place of earlier ones: user and password by host. */
export async function logIn(scene: PackScene, logins: Record<string, [string, string]>): Promise<void> {
  const auths = Object.entries(logins).map(([host, login]) => [host, { auth: btoa(login.join(':')) }]);
  await mkdir(scene.at('docker'), { recursive: true });
  await writeFile(scene.at('docker', 'config.json'), JSON.stringify({ auths: Object.fromEntries(auths) }));
}
