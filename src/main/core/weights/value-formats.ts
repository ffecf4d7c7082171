/** The storage format of a matrix. */
export interface ValueFormat {
  /** The name for `--quantization` if it has one, otherwise a description. */
  name: string;
  /** Bytes per value, including scales and zeros. */
  bytes: number;
}

/** Returns the bytes per value of `bits` bits in groups that each have `bytesOfGroup` bytes of scales and zeros. */
export function grouped(bits: number, group: number | undefined, bytesOfGroup: number): number {
  return bits / 8 + (group !== undefined && group > 0 ? bytesOfGroup / group : 0);
}

/** Returns the format for a number of bits; undefined unless it is 1 to 16. */
export function numberFormat(given: {
  bits?: number | undefined;
  isFloat: boolean;
  group?: number | undefined;
  scale?: number;
}): ValueFormat | undefined {
  const { bits, isFloat, group, scale } = given;
  if (bits === undefined || bits < 1 || bits > 16) return undefined;
  if (bits === 16) return { name: 'bf16', bytes: 2 };
  const isBlock = isFloat && group !== undefined && group <= 32;
  const bytes = grouped(bits, group, scale ?? (isBlock ? 1 : 2));
  const floats: Record<number, string> = { 4: group === 16 ? 'nvfp4' : 'mxfp4', 8: isBlock ? 'mxfp8' : 'fp8' };
  const name = isFloat ? floats[bits] : `int${bits}`;
  return { name: name ?? `fp${bits}`, bytes };
}

/** Formats by name. */
export const namedFormats: Record<string, ValueFormat> = {
  fp8: { name: 'fp8', bytes: 1 },
  mxfp8: { name: 'mxfp8', bytes: grouped(8, 32, 1) },
  mxfp6: { name: 'mxfp6', bytes: grouped(6, 32, 1) },
  mxfp4: { name: 'mxfp4', bytes: grouped(4, 32, 1) },
  nvfp4: { name: 'nvfp4', bytes: grouped(4, 16, 1) },
  int8: { name: 'int8', bytes: 1 },
  int4: { name: 'int4', bytes: grouped(4, 128, 2) },
};
