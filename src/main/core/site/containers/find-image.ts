import { appError } from '../../../../shared/errors/app-error.ts';
import { fullReference, nameAndTag, parseImageReference } from '../../../../shared/image-reference.ts';
import type { Engine } from '../../engine/connect-engine.ts';
import { labelKeys } from '../../engine/labels.ts';
import type { LocalImage } from '../../engine/planned-container.ts';
import { translateEngineError } from '../../engine/translate-error.ts';
import { readImports } from '../../store/read-imports.ts';

/**
 * Finds the image for a reference: the one that the newest import brought under that name, else the one that the engine has under
 * it. Throws `engine.image-missing` or `engine.wrong-platform`.
 */
export async function findImage(engine: Engine, store: string, reference: string): Promise<LocalImage> {
  const images = (await readImports(store)).flatMap((record) => record.images);
  const imported = images.find((one) => isAsked(one, reference));
  const found = await inspect(engine, imported?.imageId ?? reference);
  if (!found) {
    const hasDigest = parseImageReference(reference)?.digest !== undefined;
    const names = images.map((one) => (hasDigest ? `${one.reference}@${one.digest}` : one.reference));
    const known = [...new Set(names)].sort();
    throw appError('engine.image-missing', { reference, imported: imported !== undefined, known });
  }
  const platform = `${found.Os}/${found.Architecture}`;
  if (platform !== engine.platform)
    throw appError('engine.wrong-platform', { reference, image: platform, engine: engine.platform });
  const { Labels: labels, Env: env, User: user } = found.Config;
  return {
    reference,
    imageId: found.Id,
    simulated: labels?.[labelKeys.simulated] === 'true',
    isRocm: /rocm/i.test(reference) || (env ?? []).some((one) => /^(ROCM|HIP)_/.test(one)),
    ...(user && { user }),
  };
}

/** Returns whether an imported image is the one that a reference means. A digest identifies its manifest; the tag may be left out then. */
export function isAsked(image: { reference: string; digest: string }, reference: string): boolean {
  const { name, tag, digest } = parseImageReference(reference) ?? { name: reference };
  if (digest !== undefined && digest !== image.digest) return false;
  const own = digest !== undefined && tag === undefined ? nameAndTag(image.reference).name : image.reference;
  return fullReference(own) === fullReference(tag === undefined ? name : `${name}:${tag}`);
}

async function inspect(engine: Engine, name: string) {
  try {
    return await engine.docker.getImage(name).inspect();
  } catch (thrown) {
    if ((thrown as { statusCode?: number }).statusCode === 404) return undefined;
    throw translateEngineError(thrown, { address: engine.address, doing: `look up the image ${name}` });
  }
}
