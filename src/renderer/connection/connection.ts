import './zod-without-eval.ts';
import { type AppContract, contract } from '../../shared/contract/index.ts';
import type { Pipe } from '../../shared/rpc/pipe.ts';
import { onNewLink, openBrowserPipe } from './browser-pipe.ts';
import { openElectronPipe, windowBridge } from './electron-pipe.ts';
import { type Connection, keepConnected } from './keep-connected.ts';
import { stripBidi } from './strip-bidi.ts';

/** Opens the page's connection to the core: through the bridge of the desktop window if present, otherwise over a WebSocket. */
export function openConnection(open = openerHere()): Connection<AppContract> {
  const openInOrder = async () => {
    const pipe = await open();
    return pipe === 'signed-out' ? pipe : stripBidi(pipe);
  };
  const connection = keepConnected(contract, { open: openInOrder, ping: (client) => client.shell.hello({}) });
  if (open === openBrowserPipe) onNewLink(connection.retry);
  return connection;
}

function openerHere(): () => Promise<Pipe | 'signed-out'> {
  const bridge = windowBridge();
  return bridge ? () => openElectronPipe(bridge) : openBrowserPipe;
}
