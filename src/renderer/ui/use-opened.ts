import { useEffect, useState } from 'react';

/**
 * Returns `isOpen`, but false on the first render. A dialog notes which element had the focus, to give it back, when it opens after it was
 * mounted; one that is mounted open would note nothing.
 */
export function useOpened(isOpen: boolean): boolean {
  const [isMounted, setMounted] = useState(false);
  useEffect(() => setMounted(true), []);
  return isOpen && isMounted;
}
