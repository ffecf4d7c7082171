import type { z } from 'zod';
import type { siteFile } from '../../src/shared/site-file.ts';

/** Makes a site file one with two models of the embedded engine: `coder` for code, `talker` for chat, both from the same weights. */
export function withTwoModels(site: Partial<z.input<typeof siteFile>>): void {
  const own = { engine: 'llamacpp' as const, name: 'tiny' };
  delete site.model;
  site.models = [
    { ...own, servedName: 'coder', contextTokens: 1024, features: ['CODE_COMPLETIONS', 'CODE_GENERATIONS'] },
    { ...own, servedName: 'talker', contextTokens: 512, features: ['DUO_CHAT'] },
  ];
}
