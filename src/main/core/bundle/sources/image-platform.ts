import { z } from 'zod';
import type { ImageSpec } from '../../../../shared/bundle-spec.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { jsonWithoutNulls } from '../format/oci-documents.ts';
import type { Descriptor } from '../format/oci-schemas.ts';
import { allNames, pickByName } from './image-names.ts';

const imageConfig = z.object({
  os: z.string().optional(),
  architecture: z.string().optional(),
  variant: z.string().optional(),
});

/**
 * The one descriptor that fits: in the layout's own index first by name, then by platform. Attestations
 * (platform `unknown`) and what is attached to an image never count. Throws `pack.image-other-name`, and `pack.image-unclear` when none or several fit.
 */
export function pickDescriptor(path: string, all: Descriptor[], spec: ImageSpec, byName: boolean): Descriptor {
  const images = all.filter((one) => one.platform?.os !== 'unknown' && !isAttachment(one));
  const candidates = byName ? pickByName(path, images, allNames, spec.reference) : images;
  const fitting = candidates.filter((one) => !one.platform || platformFits(one.platform, spec.platform));
  const distinct = new Map(fitting.map((one) => [one.digest, one]));
  const [only] = distinct.values();
  if (only && distinct.size === 1) return only;
  throw appError('pack.image-unclear', {
    path,
    wanted: `${spec.reference} (${spec.platform})`,
    found: images.map((one) => describe(one, images)).slice(0, 20),
  });
}

/**
 * Throws `pack.image-unclear` when an image's configuration states another platform than the wanted one, and `pack.image-incomplete` when
 * it states none: engines do not run it, and an import refuses it.
 */
export function refuseOtherPlatform(path: string, spec: ImageSpec, configBytes: Buffer): void {
  const { os, architecture, variant } = jsonOrNothing(configBytes, imageConfig) ?? {};
  if (!os || !architecture) {
    const problem = `its configuration names no ${os ? 'architecture' : 'operating system'}`;
    throw appError('pack.image-incomplete', { path, problem });
  }
  if (platformFits({ os, architecture, variant }, spec.platform)) return;
  const found = [platformText({ os, architecture, variant })];
  throw appError('pack.image-unclear', { path, wanted: `${spec.reference} (${spec.platform})`, found });
}

/** As an index lists what refers to an image, or names it by the tag that cosign makes. */
function isAttachment(one: Descriptor): boolean {
  const isByTag = allNames(one).some((name) => /(^|:)sha256-[0-9a-f]{64}(\.(sig|att|sbom))?$/.test(name));
  return isByTag || (one.artifactType !== undefined && !/\.image\b/.test(one.artifactType));
}

function platformFits(
  platform: { os: string; architecture: string; variant?: string | undefined },
  wanted: string,
): boolean {
  const [os, architecture, variant] = wanted.split('/');
  if (platform.os !== os || platform.architecture !== architecture) return false;
  return variant === undefined || platform.variant === undefined || platform.variant === variant;
}

function describe(one: Descriptor, all: Descriptor[]): string {
  const [short, own] = [one.digest.slice(0, 19), allNames(one)[0]];
  const isShared = all.filter((other) => own !== undefined && allNames(other)[0] === own).length > 1;
  const name = isShared ? `${own} (${short})` : (own ?? short);
  return one.platform ? `${name} ${platformText(one.platform)}` : name;
}

/** Returns a platform as references write it: `linux/arm64/v8`. */
export function platformText(platform: { os: string; architecture: string; variant?: string | undefined }): string {
  return [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/');
}

/** Parses a document of an image; undefined when it does not match. */
export function jsonOrNothing<T>(bytes: Buffer, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(jsonWithoutNulls(bytes)).data;
  } catch {
    return undefined;
  }
}
