import { type ReactNode, type RefObject, useEffect, useRef } from 'react';

/** Scrolls its children into view when `isWanted` becomes true. For content that appears because of what a person just did. */
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

/** Starts to track whether a person has clicked anything on the current screen. Call it once, before the first render. */
export function followDeeds(): void {
  addEventListener('click', ({ target }) => {
    if (target instanceof Element && target.closest('#content')) hasActed = true;
  });
  addEventListener('hashchange', () => {
    hasActed = false;
  });
}

/** Returns a ref for an error message. It scrolls into view when `text` changes, unless it was already there when the screen opened. */
export function useTroubleInView<T extends HTMLElement>(text: string): RefObject<T | null> {
  const here = useRef<T>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new text is a new error
  useEffect(() => {
    if (hasActed) here.current?.scrollIntoView({ block: 'nearest' });
  }, [text]);
  return here;
}
