import { compareDebianVersions } from './debian-version.ts';

/** One package that a field of relations names, maybe with a condition for its version. */
export interface Relation {
  name: string;
  /** `>=` and a version, for example. */
  operator?: string;
  version?: string;
}

const relation = /^([a-z0-9][a-z0-9+.-]*)(?::any)?\s*(?:\(\s*(<<|<=|=|>=|>>|<|>)\s*([^\s)]+)\s*\))?$/;

/** Parses a field such as Depends: groups, each of alternatives (Debian policy, section 7.1). Parts that are not understood match no package. */
export function parseRelations(field: string): Relation[][] {
  const groups = field.split(',').map((group) => group.split('|').map((one) => parseRelation(one.trim())));
  return groups.filter((group) => group.some(({ name }) => name !== ''));
}

function parseRelation(text: string): Relation {
  const [, name = text, operator, version] = relation.exec(text) ?? [];
  return operator === undefined || version === undefined ? { name } : { name, operator, version };
}

/** Checks a version against a relation's condition. Without a version (a plain `Provides`), only a relation without condition is satisfied. */
export function satisfies(version: string | undefined, { operator, version: wanted }: Relation): boolean {
  if (operator === undefined || wanted === undefined) return true;
  if (version === undefined) return false;
  const order = compareDebianVersions(version, wanted);
  if (operator === '=') return order === 0;
  if (operator === '<<') return order < 0;
  if (operator === '>>') return order > 0;
  // A single sign means "or equal", by an old rule.
  return operator.startsWith('<') ? order <= 0 : order >= 0;
}

/** Returns a group of alternatives as its field writes it. */
export function relationText(group: readonly Relation[]): string {
  return group.map(({ name, operator, version }) => (operator ? `${name} (${operator} ${version})` : name)).join(' | ');
}
