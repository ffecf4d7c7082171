import { createContext, type ReactNode, useContext } from 'react';
import { type Given, runnableText } from '../../shared/runnable-commands.ts';
import { useHello } from '../state/hello.ts';

const About = createContext<Given>({});

/** Says which site the commands within are about, by its name or its site file. */
export function CommandsAbout({ children, ...about }: Pick<Given, 'site' | 'siteFile'> & { children: ReactNode }) {
  return <About value={about}>{children}</About>;
}

/** Completes the commands of Sealift within a text as the terminal does, so that they can be run as they stand. */
export function useRunnable(): (text: string) => string {
  const about = useContext(About);
  const commands = useHello((one) => one.hello?.commands);
  return (text) => (commands ? runnableText(text, { ...about, home: commands.home }, commands.names) : text);
}
