import { homeText as text } from '../../text/home.ts';
import { SideDrawer } from '../../ui/side-drawer.tsx';
import { closeLog, nameOfPart, useHome } from './home-store.ts';

/** Shows the end of a part's log in a drawer. */
export default function PartLog() {
  const log = useHome((home) => home.log);
  return (
    <SideDrawer
      isOpen={log !== undefined}
      close={closeLog}
      title={log ? text.logOf(nameOfPart(log.part)) : ''}
      width={640}
    >
      <pre className="sl-pre">{log?.lines.join('\n')}</pre>
    </SideDrawer>
  );
}
