import type { Engine } from '../engine/connect-engine.ts';
import { containerName, type PlannedContainer } from '../engine/planned-container.ts';
import { translateEngineError } from '../engine/translate-error.ts';
import { withoutLogFile } from '../site/containers/log-folder.ts';

/** The part that answers without tokens while the gateway's own script runs. */
export const scriptPart = 'gateway-script';
const longestSeconds = 900;

/**
 * Plans a second gateway of the deployed one's image and configuration that asks nobody for a token. It publishes no port, listens on its
 * own loopback, speaks HTTP, as the script does, and ends by itself after 15 minutes, even if nobody is left to remove it.
 */
export async function scriptContainer(engine: Engine, gateway: PlannedContainer): Promise<PlannedContainer> {
  const { spec, ...rest } = withoutLogFile(gateway);
  const env = Object.entries(spec.env).filter(([name]) => !name.includes('_TLS__'));
  return {
    ...rest,
    title: `${rest.title}, for its own script`,
    spec: {
      ...spec,
      part: scriptPart,
      name: containerName(spec.site, scriptPart),
      ...(await endingProgram(engine, spec.imageId)),
      env: { ...Object.fromEntries(env), AIGW_AUTH__BYPASS_EXTERNAL: 'true', AIGW_FASTAPI__API_HOST: '127.0.0.1' },
      networks: spec.networks.map(({ name }) => ({ name, aliases: [] })),
      ports: [],
      isOneTime: true,
    },
  };
}

async function endingProgram(engine: Engine, imageId: string): Promise<{ entrypoint: string[]; command: string[] }> {
  try {
    const { Config: config } = await engine.docker.getImage(imageId).inspect();
    const program = [...[config.Entrypoint ?? []].flat(), ...(config.Cmd ?? [])];
    return { entrypoint: ['timeout', '--kill-after=5', String(longestSeconds)], command: program };
  } catch (thrown) {
    throw translateEngineError(thrown, { address: engine.address, doing: 'look at the image of the gateway' });
  }
}
