import { type ReactNode, type RefObject, useEffect, useRef } from 'react';

/** Something that appears because of what a person just did: it scrolls itself into view then, if it is out of it. */
export function ComeIntoView({ isWanted, children }: { isWanted: boolean; children: ReactNode }) {
  const here = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isWanted) here.current?.scrollIntoView({ block: 'nearest' });
  }, [isWanted]);
  return (
    <div ref={here} className="sl-in-view">
      {children}
    </div>
  );
}

let hasActed = false;

/** Begins to follow whether anything was pressed in the place that is shown. Call it once, before anything is drawn. */
export function followDeeds(): void {
  addEventListener('click', ({ target }) => {
    if (target instanceof Element && target.closest('#content')) hasActed = true;
  });
  addEventListener('hashchange', () => {
    hasActed = false;
  });
}

/** For what says that something went wrong: it comes into view with each new text, unless it stood there when the place was opened. */
export function useTroubleInView<T extends HTMLElement>(text: string): RefObject<T | null> {
  const here = useRef<T>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another text is another trouble.
  useEffect(() => {
    if (hasActed) here.current?.scrollIntoView({ block: 'nearest' });
  }, [text]);
  return here;
}
