import { z } from 'zod';
import type { ImageSpec } from '../../../shared/bundle-spec.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { Descriptor } from './source-oci-schemas.ts';

const nameAnnotations = ['io.containerd.image.name', 'org.opencontainers.image.ref.name'];
const imageConfig = z.object({
  os: z.string().optional(),
  architecture: z.string().optional(),
  variant: z.string().optional(),
});

/**
 * The one descriptor that fits: in the layout's own index first by name, then by platform. Attestations
 * (platform `unknown`) never count. Throws `pack.image-unclear` when none or several fit.
 */
export function pickDescriptor(path: string, all: Descriptor[], spec: ImageSpec, byName: boolean): Descriptor {
  const images = all.filter((one) => one.platform?.os !== 'unknown');
  const named = byName ? images.filter((one) => namesOf(one).some((name) => isName(name, spec.reference))) : [];
  const candidates = named.length > 0 ? named : images;
  const fitting = candidates.filter((one) => !one.platform || platformFits(one.platform, spec.platform));
  const distinct = new Map(fitting.map((one) => [one.digest, one]));
  const [only] = distinct.values();
  if (only && distinct.size === 1) return only;
  throw appError('pack.image-unclear', {
    path,
    wanted: `${spec.reference} (${spec.platform})`,
    found: images.map((one) => describe(one)).slice(0, 20),
  });
}

/** Throws `pack.image-unclear` when an image's configuration states another platform than the wanted one. */
export function refuseOtherPlatform(path: string, spec: ImageSpec, configBytes: Buffer): void {
  const parsed = imageConfig.safeParse(jsonOrNothing(configBytes));
  const { os, architecture, variant } = parsed.success ? parsed.data : {};
  if (!os || !architecture || platformFits({ os, architecture, variant }, spec.platform)) return;
  const found = [[os, architecture, variant].filter(Boolean).join('/')];
  throw appError('pack.image-unclear', { path, wanted: `${spec.reference} (${spec.platform})`, found });
}

/** True when two names mean the same image: `docker.io/library/` may be left out. */
export function isSameReference(one: string, other: string): boolean {
  return familiar(one) === familiar(other);
}

function platformFits(
  platform: { os: string; architecture: string; variant?: string | undefined },
  wanted: string,
): boolean {
  const [os, architecture, variant] = wanted.split('/');
  if (platform.os !== os || platform.architecture !== architecture) return false;
  return variant === undefined || platform.variant === undefined || platform.variant === variant;
}

function namesOf(one: Descriptor): string[] {
  return nameAnnotations.map((key) => one.annotations?.[key]).filter((name) => name !== undefined);
}

/** Layouts name an image in full, or by its tag alone. */
function isName(name: string, reference: string): boolean {
  return isSameReference(name, reference) || name === reference.slice(reference.lastIndexOf(':') + 1);
}

function familiar(reference: string): string {
  return reference.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '');
}

function describe(one: Descriptor): string {
  const platform = one.platform ? [one.platform.os, one.platform.architecture, one.platform.variant] : [];
  const name = namesOf(one)[0] ?? one.digest.slice(0, 19);
  return [name, platform.filter(Boolean).join('/')].filter(Boolean).join(' ');
}

function jsonOrNothing(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
