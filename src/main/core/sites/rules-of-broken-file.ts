import type { z } from 'zod';
import { type SiteFile, siteFile } from '../../../shared/site-file.ts';
import type { RuleProblem } from './rule-problem.ts';
import { brokenRules } from './site-rules.ts';

type Path = readonly PropertyKey[];
type Fields = Record<string, unknown>;

/** Required fields, so that the rest of a site file can be checked without its own. */
const required: Fields = {
  sealift: 1,
  name: 'site',
  gitlab: { url: 'https://gitlab.example', version: '18.9' },
  gateway: { kind: 'existing' },
  model: { engine: 'external', name: 'model', servedName: 'model' },
};

/**
 * Returns the rules that a site file breaks although its schema refuses it, so that all problems are reported at once. Rules that need a
 * refused field are left out.
 */
export function rulesOfBrokenFile(value: unknown, error: z.ZodError): RuleProblem[] {
  const refused = error.issues.flatMap((issue): Path[] =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path],
  );
  const rest = siteFile.safeParse(withoutFields(value, refused));
  return rest.success ? brokenRules(guarded(rest.data, refused), isRefused) : [];
}

class RefusedField extends Error {}

function isRefused(error: unknown): boolean {
  return error instanceof RefusedField;
}

/** Of a list, all of it is left out. */
const fieldOf = (path: Path) => path.slice(0, path[0] === 'models' ? 1 : 2).map(String);

function withoutFields(value: unknown, refused: readonly Path[]): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const site = structuredClone(value) as Fields;
  for (const path of refused) {
    const [group = '', field] = fieldOf(path);
    const own = site[group];
    if (field === undefined || typeof own !== 'object' || own === null) replace(site, group, required);
    else replace(own as Fields, field, required[group]);
  }
  return site;
}

function replace(fields: Fields, name: string, by: unknown): void {
  delete fields[name];
  if (typeof by === 'object' && by !== null && Object.hasOwn(by, name)) fields[name] = (by as Fields)[name];
}

/** Throws when a refused field is read, which here has another value than in the file. */
function guarded(site: SiteFile, refused: readonly Path[]): SiteFile {
  const names = refused.map((path) => fieldOf(path).join('.'));
  const watch = <T extends object>(one: T, prefix: string): T =>
    new Proxy(one, {
      get: (target, key) => {
        const name = `${prefix}${String(key)}`;
        if (names.includes(name)) throw new RefusedField(name);
        const found: unknown = Reflect.get(target, key);
        const isGroup = prefix === '' && typeof found === 'object' && found !== null && !Array.isArray(found);
        return isGroup ? watch(found, `${name}.`) : found;
      },
    });
  return watch(site, '');
}
