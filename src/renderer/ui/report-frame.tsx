import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';

/**
 * Shows a report as it prints, in its own shadow tree. Scripts in it never run, and its style does not affect the window. The style
 * is set through `CSSStyleSheet`, which the content security policy allows.
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
  // Removed before parsing: the window's policy reports a style element even in a document that is never shown.
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

/** Adapts the report to the window: no second `main`, and headings one level below the window's own. */
function fitIn(body: HTMLElement): void {
  for (const main of body.querySelectorAll('main')) main.replaceWith(...main.childNodes);
  for (const heading of body.querySelectorAll('h1,h2,h3'))
    heading.setAttribute('aria-level', String(Number(heading.tagName[1]) + 1));
}

/** Rewrites the report's CSS for the shadow tree: the host is its root, and the window's colour scheme applies, not the system's. */
function insideOf(style: string, scheme: 'light' | 'dark'): string {
  return style
    .replaceAll(':root', ':host')
    .replaceAll(/^(\s*)body(\s*\{)/gm, '$1.page$2')
    .replaceAll('(prefers-color-scheme: dark)', scheme === 'dark' ? 'all' : 'not all');
}
