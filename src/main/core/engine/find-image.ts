import { appError } from '../../../shared/errors/app-error.ts';
import { readImports } from '../import/import-record.ts';
import type { Engine } from './connect-engine.ts';
import { labelKeys } from './labels.ts';
import type { LocalImage } from './planned-container.ts';
import { translateEngineError } from './translate-error.ts';

/**
 * The image that a reference means on this machine: the one that the newest import brought under that name, else the one that
 * the engine knows by it. Throws `engine.image-missing` or `engine.wrong-platform`.
 */
export async function findImage(engine: Engine, store: string, reference: string): Promise<LocalImage> {
  const images = (await readImports(store)).flatMap((record) => record.images);
  const imported = images.find((one) => one.reference === reference);
  const found = await inspect(engine, imported?.imageId ?? reference);
  if (!found) {
    const known = [...new Set(images.map((one) => one.reference))].sort();
    throw appError('engine.image-missing', { reference, imported: imported !== undefined, known });
  }
  const platform = `${found.Os}/${found.Architecture}`;
  if (platform !== engine.platform)
    throw appError('engine.wrong-platform', { reference, image: platform, engine: engine.platform });
  const { Labels: labels, Env: env } = found.Config;
  return {
    reference,
    imageId: found.Id,
    simulated: labels?.[labelKeys.simulated] === 'true',
    isRocm: /rocm/i.test(reference) || (env ?? []).some((one) => /^(ROCM|HIP)_/.test(one)),
  };
}

async function inspect(engine: Engine, name: string) {
  try {
    return await engine.docker.getImage(name).inspect();
  } catch (thrown) {
    if ((thrown as { statusCode?: number }).statusCode === 404) return undefined;
    throw translateEngineError(thrown, { address: engine.address, doing: `look up the image ${name}` });
  }
}
