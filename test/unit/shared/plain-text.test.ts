import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPlainLine, plainJson, plainLine, plainText } from '../../../src/shared/plain-text.ts';
import { runnableText } from '../../../src/shared/runnable-commands.ts';
import { shellWord } from '../../../src/shared/shell-word.ts';

const hostile = [
  '\u001b[31m',
  '\r',
  '\u0007',
  '\u009b2J',
  '\u202e',
  '\u2066',
  '\u200b',
  '\ufeff',
  '\u{e0001}',
  '\u007f',
];

describe('what is printed', () => {
  it.each(hostile)('spells out %j', (text) => {
    expect(plainText(`a${text}b\n\tc`)).toMatch(/^a\\u\{[0-9a-f]+\}.*b\n\tc$/);
    expect(isPlainLine(text)).toBe(false);
  });

  it('keeps what people write', () => {
    for (const text of ['Grüße, 東京 – “ok” ●▲■', 'a b', 'Ünïcödé 😀']) {
      expect(plainText(text)).toBe(text);
      expect(isPlainLine(text)).toBe(true);
    }
    expect(isPlainLine('two\nlines')).toBe(false);
  });

  it.each(hostile)('stays on one line with %j', (text) => {
    expect(isPlainLine(plainLine(`a\n${text}\tb\r\nc`))).toBe(true);
    expect(plainLine('two\n\t lines \r\n of  text')).toBe('two lines of  text');
  });

  it('is JSON that means the same and holds nothing active', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...hostile), (text, extra) => {
        const json = plainJson({ text: text + extra });
        expect(JSON.parse(json)).toEqual({ text: text + extra });
        expect(json).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
    );
  });
});

describe('commands in remedies', () => {
  const names = ['logs', 'start', 'deploy', 'key', 'uninstall'];
  const given = { home: '/srv/sea lift', site: 'plant', siteFile: undefined };

  it.each([
    ['See: sealift key list', "See: sealift --home '/srv/sea lift' key list"],
    ['sealift logs --part front', "sealift --home '/srv/sea lift' logs --part front --site plant"],
    ['sealift uninstall --site x --yes', "sealift --home '/srv/sea lift' uninstall --site x --yes"],
    ['Run "sealift start" again', `Run "sealift --home '/srv/sea lift' start --site plant" again`],
    ['sealift --home DIR key list', 'sealift --home DIR key list'],
    ['a newer Sealift; org.sealift key', 'a newer Sealift; org.sealift key'],
    ['sealift frobnicate', 'sealift frobnicate'],
  ])('%j becomes %j', (text, wanted) => expect(runnableText(text, given, names)).toBe(wanted));

  it('start as this Sealift was started', () => {
    const inClone = { program: 'npm start --', home: '/srv/h' };
    expect(runnableText('See: sealift key list', inClone, names)).toBe('See: npm start -- --home /srv/h key list');
    expect(runnableText('sealift deploy x.yaml', { program: 'npm start --' }, names)).toBe(
      'npm start -- deploy x.yaml',
    );
    const elsewhere = "- sealift --home '/srv/kept here' list --all";
    expect(runnableText(elsewhere, inClone, ['list'])).toBe("- npm start -- --home '/srv/kept here' list --all");
  });

  it('name the site file that was given', () => {
    const withFile = { siteFile: 'sites/a b.yaml' };
    expect(runnableText('sealift deploy SITE.yaml', withFile, names)).toBe("sealift deploy 'sites/a b.yaml'");
    expect(runnableText('sealift start', withFile, names)).toBe("sealift start 'sites/a b.yaml'");
    expect(runnableText('sealift key list', withFile, names)).toBe('sealift key list');
  });
});

describe('a word in a suggested command', () => {
  it('is for a shell what it was, and stays on one line', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', ' ', "'", '"', '\\', '$x', '`', '\n', '\t', '\u001b', '\u0085', 'ü')),
        (pieces) => {
          const word = shellWord(pieces.join(''));
          expect(word).not.toMatch(/\p{Cc}/u);
          const { stdout } = spawnSync('bash', ['-c', `printf %s ${word}`], { encoding: 'utf8' });
          expect(stdout).toBe(pieces.join(''));
        },
      ),
      { numRuns: 30 },
    );
  });
});
