import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';

/**
 * Shows a report's page as it will print, in a shadow tree of its own: its text is parsed, never run, and its style does not
 * touch the window. The style goes in by the style sheet's own interface, which the page's policy allows.
 */
export function ReportFrame({ html, label }: { html: string; label: string }) {
  const place = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light');
  useEffect(() => {
    if (place.current) draw(place.current, html, scheme);
  }, [html, scheme]);
  return <section ref={place} className="sl-report" aria-label={label} />;
}

function draw(place: HTMLElement, html: string, scheme: 'light' | 'dark'): void {
  // Taken out before the text is parsed: the policy of the window would refuse a style element even in a page that is never shown.
  const style: string[] = [];
  const bare = html.replaceAll(/<style>([\s\S]*?)<\/style>/g, (_all, rules: string) => {
    style.push(rules);
    return '';
  });
  const page = new DOMParser().parseFromString(bare, 'text/html');
  const root = place.shadowRoot ?? place.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(insideOf(style.join('\n'), scheme));
  root.adoptedStyleSheets = [sheet];
  const body = document.createElement('div');
  body.className = 'page';
  for (const bad of page.querySelectorAll('script,style,link,meta,base,iframe,object,embed')) bad.remove();
  body.append(...page.body.childNodes);
  fitIn(body);
  root.replaceChildren(body);
}

/** A page within a page: its main part is a plain part here, and its headings stand one level below the window's own. */
function fitIn(body: HTMLElement): void {
  for (const main of body.querySelectorAll('main')) main.replaceWith(...main.childNodes);
  for (const heading of body.querySelectorAll('h1,h2,h3'))
    heading.setAttribute('aria-level', String(Number(heading.tagName[1]) + 1));
}

/** The page's rules for a part of another page: its root is the host, and the window's colours decide, not the system's. */
function insideOf(style: string, scheme: 'light' | 'dark'): string {
  return style
    .replaceAll(':root', ':host')
    .replaceAll(/^(\s*)body(\s*\{)/gm, '$1.page$2')
    .replaceAll('(prefers-color-scheme: dark)', scheme === 'dark' ? 'all' : 'not all');
}
