import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { reportText } from '../text/report.ts';
import './report-frame.css';

/**
 * Shows a report as it prints, in its own shadow tree, with a list of its sections beside or above it. Scripts in it never run, and its
 * style does not affect the window. The style is set through `CSSStyleSheet`, which the content security policy allows.
 */
export function ReportFrame({ html, label }: { html: string; label: string }) {
  const place = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light');
  const [sections, setSections] = useState<HTMLElement[]>([]);
  useEffect(() => {
    if (place.current) setSections(draw(place.current, html, scheme));
  }, [html, scheme]);
  return (
    <div className="sl-report-page">
      <Sections headings={sections} />
      <section ref={place} className="sl-report" aria-label={label} />
    </div>
  );
}

function Sections({ headings }: { headings: readonly HTMLElement[] }) {
  const goTo = (heading: HTMLElement) => {
    heading.focus({ preventScroll: true });
    heading.scrollIntoView({ block: 'start' });
  };
  return (
    <nav className="sl-report-sections sl-no-print" aria-label={reportText.contents}>
      <ul>
        {headings.map((heading, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list changes only as a whole
          <li key={index}>
            <button type="button" className="sl-link" onClick={() => goTo(heading)}>
              {heading.textContent}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

const focusRing = ':focus-visible { outline: 2px solid var(--sl-work); outline-offset: 2px; }';

/* Returns the headings of its sections. */
function draw(place: HTMLElement, html: string, scheme: 'light' | 'dark'): HTMLElement[] {
  // Removed before parsing: the window's policy reports a style element even in a document that is never shown.
  const style: string[] = [];
  const bare = html.replaceAll(/<style>([\s\S]*?)<\/style>/g, (_all, rules: string) => {
    style.push(rules);
    return '';
  });
  const page = new DOMParser().parseFromString(bare, 'text/html');
  const root = place.shadowRoot ?? place.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`${insideOf(style.join('\n'), scheme)}\n${focusRing}`);
  root.adoptedStyleSheets = [sheet];
  const body = document.createElement('div');
  body.className = 'page';
  for (const bad of page.querySelectorAll('script,style,link,meta,base,iframe,object,embed')) bad.remove();
  body.append(...page.body.childNodes);
  fitIn(body);
  root.replaceChildren(body);
  return [...body.querySelectorAll('h2')];
}

/** Adapts the report to the window: no second `main`, and headings one level below the window's own. */
function fitIn(body: HTMLElement): void {
  for (const main of body.querySelectorAll('main')) main.replaceWith(...main.childNodes);
  for (const heading of body.querySelectorAll('h1,h2,h3'))
    heading.setAttribute('aria-level', String(Number(heading.tagName[1]) + 1));
  // The list of sections leads to them.
  for (const heading of body.querySelectorAll('h2')) heading.tabIndex = -1;
}

/** Rewrites the report's CSS for the shadow tree: the host is its root, and the window's colour scheme applies, not the system's. */
function insideOf(style: string, scheme: 'light' | 'dark'): string {
  return style
    .replaceAll(':root', ':host')
    .replaceAll(/^(\s*)body(\s*\{)/gm, '$1.page$2')
    .replaceAll('(prefers-color-scheme: dark)', scheme === 'dark' ? 'all' : 'not all');
}
