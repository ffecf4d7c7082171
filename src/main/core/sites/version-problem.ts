/** Returns the problem when a file's parsed JSON has another format version than 1, the only one this Sealift writes. */
export function versionProblem(value: unknown): string | undefined {
  const { version } = (typeof value === 'object' && value !== null ? value : {}) as { version?: unknown };
  return typeof version === 'number' && version !== 1
    ? `another version of Sealift wrote it (format ${version}, expected 1)`
    : undefined;
}
