/** An object of a server's answer, unchecked. */
export type Json = Record<string, unknown>;

/** True for a JSON object. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
