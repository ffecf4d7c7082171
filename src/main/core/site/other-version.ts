/** Says so when a file's content, made by JSON.parse, is of another format than this Sealift's version 1. */
export function otherVersion(value: unknown): string | undefined {
  const { version } = (typeof value === 'object' && value !== null ? value : {}) as { version?: unknown };
  return typeof version === 'number' && version !== 1
    ? `it has format version ${version}, this Sealift writes 1: another version wrote it`
    : undefined;
}
