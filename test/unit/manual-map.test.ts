import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import type { Cli } from '../../src/main/cli/cli.ts';
import { loadEras, loadGatewayVariables } from '../../src/main/core/gitlab/eras-catalog.ts';
import { siteFile } from '../../src/shared/site-file.ts';

const text = await readFile('docs/manual-map.md', 'utf8');
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (GitLab|-)/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
const named = (pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))];

/** The paths of all commands, as `gitlab plan`. */
async function commands(): Promise<string[]> {
  const program = new Command('sealift');
  const cli = { program, action: () => () => undefined } as unknown as Cli;
  const main = await readFile('src/main/cli/main.ts', 'utf8');
  for (const [, name = '', file = ''] of main.matchAll(
    /^import \{ (\w+Commands?) \} from '\.\/commands\/([\w-]+)\.ts';$/gm,
  )) {
    const module = (await import(`../../src/main/cli/commands/${file}.ts`)) as Record<string, (cli: Cli) => void>;
    module[name]?.(cli);
  }
  const below = (command: Command, path: string): string[] =>
    command.commands.flatMap((one) => [`${path}${one.name()}`, ...below(one, `${path}${one.name()} `)]);
  return below(program, '');
}

describe("the map of GitLab's manual", () => {
  it('stands for all 238 statements, each with a state and, unless missing, with a place or a reason', () => {
    expect(rows.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(238);
    for (const row of rows) {
      expect(row, row.join(' | ')).toHaveLength(6);
      expect(row[5]).toMatch(/^(works|partly|missing)$/);
      if (row[5] === 'works') expect(row[4], row[2]).toMatch(/`/);
    }
  });

  it('names only commands that exist', async () => {
    const known = await commands();
    const asked = named(/`sealift ([a-z][a-z -]*)`/g);
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter((one) => !known.includes(one))).toEqual([]);
  });

  it('names only screens, steps, variables and fields that exist', async () => {
    const eras = await loadEras('resources');
    const { variables } = await loadGatewayVariables('resources');
    const screens = await readFile('src/renderer/app/screens.ts', 'utf8');
    expect(named(/screen `([\w-]+)`/g).filter((one) => !new RegExp(`^  ${one}: `, 'm').test(screens))).toEqual([]);
    expect(named(/step `([\w.-]+)`/g).filter((one) => !eras.steps.some(({ id }) => id === one))).toEqual([]);
    expect(named(/variable `(\w+)`/g).filter((one) => !variables.some(({ name }) => name === one))).toEqual([]);
    const shape = siteFile.shape as Record<string, { unwrap?: () => unknown; shape?: Record<string, unknown> }>;
    const hasField = (path: string) => {
      const [group = '', field] = path.split('.');
      if (field === undefined) return group in shape;
      const schema = shape[group];
      const inner = (schema?.shape ? schema : schema?.unwrap?.()) as { shape?: Record<string, unknown> } | undefined;
      return field in (inner?.shape ?? {});
    };
    const fields = named(/`site\.yaml` ([\w.]+)/g);
    expect(fields.length).toBeGreaterThan(2);
    expect(fields.filter((one) => !hasField(one))).toEqual([]);
  });

  it('has every step of the versions whose pages it stands for', async () => {
    const { eras, steps } = await loadEras('resources');
    const early = eras.filter((era) => era.from.startsWith('17.') && era.from !== '17.9').flatMap((era) => era.steps);
    const places = new Set(named(/step `([\w.-]+)`/g));
    // Checks of ours, and steps that no page of those versions has.
    const ours = ['completion-check', 'health-check', 'model-early'];
    const left = steps.map(({ id }) => id).filter((id) => early.includes(id) && !places.has(id) && !ours.includes(id));
    expect(left).toEqual([]);
  });
});
