import { checkJsonShape, type JsonLimits, parseJson } from '../files/parse-json.ts';

/* A string, or one of the numbers that Python's json module writes and JSON lacks. */
const textOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\bInfinity\b|\bNaN\b/g;
const notANumber = '\u0000NaN';

/** Parses JSON as Python's `json` module writes it: `Infinity`, `-Infinity` and `NaN` are numbers. Throws SyntaxError. */
export function parsePythonJson(bytes: Buffer, limits: JsonLimits): unknown {
  const text = bytes.toString('utf8');
  if (!/\b(?:Infinity|NaN)\b/.test(text)) return parseJson(bytes, limits);
  // Also before the search below, which would take forever for a text without end.
  checkJsonShape(bytes, limits);
  const plain = text.replace(textOrNumber, (found) =>
    found.startsWith('"') ? found : found === 'NaN' ? JSON.stringify(notANumber) : found.replace('Infinity', '1e999'),
  );
  return JSON.parse(plain, (_key, value) => (value === notANumber ? Number.NaN : value));
}
