import { useState } from 'react';

/** Stays true once it was. For what is mounted when it is first needed, and then kept. */
export function useOnce(isNow: boolean): boolean {
  const [was, setWas] = useState(isNow);
  if (isNow && !was) setWas(true);
  return was || isNow;
}
