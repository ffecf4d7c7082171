import { describe, expect, it } from 'vitest';
import { type StartHere, startHerePage } from '../../../src/main/core/bundle/pack/start-here.ts';
import { startHereText } from '../../../src/main/core/bundle/pack/start-here-text.ts';

const facts: StartHere = {
  bundle: { id: 'a'.repeat(32), name: 'test' },
  created: '2026-11-30',
  label: 'Medium 1',
  ordinal: 1,
  labels: ['Medium 1'],
  contents: [],
  fingerprint: 'f'.repeat(64),
  words: Array.from({ length: 16 }, () => 'word').join(' '),
  allowedSigner: 'sealift-packer namespaces="sealift" ssh-ed25519 AAAA',
  lacks: [],
  requirements: {},
};

describe('START-HERE', () => {
  it('shows texts from outside as they read, and runs none of them', () => {
    const name = '<img src=x>&\u202egnp.exe\u0007';
    const content = { kind: 'files' as const, name, totalBytes: 1, licence: name, source: name };
    const given = { ...facts, contents: [content], lacks: [name], requirements: { note: name } };
    const page = startHerePage(given);
    expect(page.split('&lt;img src=x&gt;&amp;\ufffdgnp.exe\ufffd')).toHaveLength(7);
    expect(page).not.toMatch(/<img|\u202e|undefined|false|\[object/);
    expect(startHereText(given)).toContain('- <img src=x>&\\u{202e}gnp.exe\\u{7}\n');
  });
});
