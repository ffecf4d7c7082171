import { createHash } from 'node:crypto';
import { timeText } from '../../../shared/time-text.ts';
import { pageStyle } from './page-style.ts';

/** A piece of HTML that is safe to put into a page. Only `html` makes one. */
export class Html {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  static of(strings: readonly string[], values: readonly HtmlValue[]): Html {
    return new Html(strings.map((one, index) => one + (index < values.length ? render(values[index]) : '')).join(''));
  }
}

/** A value in a template: pieces of HTML are inserted as they are, everything else as text; null and false as nothing. */
export type HtmlValue = Html | string | number | false | null | undefined | readonly HtmlValue[];

/**
 * Tagged template for HTML: each value that is not itself made by `html` is escaped, in text and in quoted attributes.
 * Attributes must be quoted; names, scripts and styles must not be made of values.
 */
export function html(strings: TemplateStringsArray, ...values: HtmlValue[]): Html {
  return Html.of(strings, values);
}

/** A trust mark. Its colour says what it means for the site: red may not be overlooked; without one it only informs. */
export interface Badge {
  text: string;
  colour?: 'amber' | 'red';
}

/** Returns a trust mark as it is shown on every page. */
export function badge({ text, colour }: Badge): Html {
  return html`<span class="${colour ? `badge ${colour}` : 'badge'}">${text}</span>`;
}

/** Returns a time for people, with the exact one for programs. */
export function timeTag(iso: string): Html {
  return html`<time datetime="${iso}">${timeText(iso)}</time>`;
}

/**
 * A whole page that needs nothing from outside and runs no script (its own policy forbids both), for screen and paper
 * (A4 and Letter), light and dark. `badges` are trust marks such as SIMULATED; `footer` names its author and time; `paper` fixes the
 * size, for printing without a person.
 */
export function page(parts: { title: string; body: Html; badges?: Badge[]; footer?: Html; paper?: 'A4' }): string {
  const style = parts.paper ? `${pageStyle}@page { size: ${parts.paper}; }\n` : pageStyle;
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`;
  const top = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${parts.title}</title>
`;
  const rest = html`
</head>
<body>
<header><h1>${parts.title}</h1>${(parts.badges ?? []).map(badge)}</header>
<main>${parts.body}</main>
${parts.footer && html`<footer>${parts.footer}</footer>`}
</body>
</html>
`;
  return `${top.text}<style>${style}</style>${rest.text}`;
}

function render(value: HtmlValue): string {
  if (value instanceof Html) return value.text;
  if (value === null || value === undefined || value === false) return '';
  if (typeof value === 'object') return value.map(render).join('');
  return escaped(String(value));
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

function escaped(text: string): string {
  // Control characters are not allowed in HTML, and marks that turn the direction of text can make a line read falsely.
  return text
    .replace(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (one) =>
      one === '\n' || one === '\t' ? one : '\ufffd',
    )
    .replace(/[&<>"'`]/g, (one) => entities[one] ?? '');
}
