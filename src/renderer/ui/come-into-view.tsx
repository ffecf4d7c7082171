import { type ReactNode, useEffect, useRef } from 'react';

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
