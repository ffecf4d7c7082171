import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { html, page } from '../../../src/main/core/pages/html.ts';
import { bytesText } from '../../../src/shared/bytes-text.ts';

const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '`onload=alert(1)`',
  '</title><script>x</script>',
  '</style><script>x</script>',
  '&lt;b&gt;',
  '<!--',
  ']]>',
];

describe('html', () => {
  it.each(hostile)('escapes %j in text and attributes', (text) => {
    const made = html`<p title="${text}">${text}</p>`.text;
    const inside = made.slice('<p title="'.length, -'</p>'.length).replace('">', '');
    expect(inside).not.toMatch(/[<>"'`]/);
    expect(inside.replace(/&(amp|lt|gt|quot|#39|#96);/g, '')).not.toContain('&');
  });

  it('puts pieces and lists of pieces in as they are, and nothing for nothing', () => {
    const items = ['a<', 'b'].map((one) => html`<li>${one}</li>`);
    expect(html`<ul>${items}</ul>${null}${undefined}${false}${0}`.text).toBe('<ul><li>a&lt;</li><li>b</li></ul>0');
  });

  it('does not take a lookalike for a piece', () => {
    const fake = { text: '<script>' } as unknown as string;
    expect(() => html`${fake}`).toThrow();
  });

  it('replaces control characters and marks that turn text around', () => {
    expect(html`${'a\u0000\u001b\u202eb\nc'}`.text).toBe('a\ufffd\ufffd\ufffdb\nc');
  });
});

describe('page', () => {
  const text = page({
    title: hostile.join(' '),
    body: html`<p>${hostile.join(' ')}</p>`,
    badges: [{ text: '<SIMULATED>', colour: 'amber' }],
    footer: html`${'<f>'}`,
  });

  it('holds no script and nothing from outside', () => {
    expect(text).not.toMatch(/<script|<img|<link|<iframe|<[^>]*\s(src|href)=|@import|url\(/i);
    expect(text).not.toMatch(/https?:/i);
  });

  it('forbids both by a policy that allows exactly its own style', () => {
    const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(text).toContain(`content="default-src &#39;none&#39;; style-src &#39;sha256-${hash}&#39;"`);
  });

  it('shows its badges', () => expect(text).toContain('<span class="badge amber">&lt;SIMULATED&gt;</span>'));
});

describe('bytesText', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KiB'],
    [2 ** 30, '1.0 GiB'],
    [141.4 * 2 ** 30, '141 GiB'],
    [3 * 2 ** 40, '3.0 TiB'],
  ])('writes %d as %s', (bytes, words) => expect(bytesText(bytes)).toBe(words));
});
