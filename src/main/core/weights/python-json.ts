/* A string, or one of the numbers that Python's json module writes and JSON lacks. */
const textOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\bInfinity\b|\bNaN\b/g;
const notANumber = '\u0000NaN';

/** Parses JSON as Python's `json` module writes it: `Infinity`, `-Infinity` and `NaN` are numbers. Throws SyntaxError. */
export function parsePythonJson(text: string): unknown {
  if (!/\b(?:Infinity|NaN)\b/.test(text)) return JSON.parse(text);
  const plain = text.replace(textOrNumber, (found) =>
    found.startsWith('"') ? found : found === 'NaN' ? JSON.stringify(notANumber) : found.replace('Infinity', '1e999'),
  );
  return JSON.parse(plain, (_key, value) => (value === notANumber ? Number.NaN : value));
}
