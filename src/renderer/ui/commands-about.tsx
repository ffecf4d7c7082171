import { createContext, type ReactNode, useContext } from 'react';
import { type Given, runnableText } from '../../shared/runnable-commands.ts';
import { useHello } from '../state/hello.ts';

const About = createContext<Given>({});

/** Sets the site that commands inside refer to, by name or by site file. */
export function CommandsAbout({ children, ...about }: Pick<Given, 'site' | 'siteFile'> & { children: ReactNode }) {
  return <About value={about}>{children}</About>;
}

/** Returns a function that completes the Sealift commands in a text, as the terminal does, so that they can be pasted and run. */
export function useRunnable(): (text: string) => string {
  const about = useContext(About);
  const commands = useHello((one) => one.hello?.commands);
  if (!commands) return (text) => text;
  const { names, ...started } = commands;
  return (text) => runnableText(text, { ...about, ...started }, names);
}
