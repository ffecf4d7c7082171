import { readdirSync, readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { maxFrameChars } from '../../../src/shared/rpc/frame-limit.ts';

const source = readFileSync('out/preload/index.cjs', 'utf8');

/** Runs the built script as the sandbox does: CommonJS, with nothing to require but `electron`. */
function preloaded() {
  const exposed: Record<string, Record<string, (arg: unknown) => unknown>> = {};
  const sent: unknown[][] = [];
  const listeners: Record<string, (...args: unknown[]) => void> = {};
  const electron = {
    contextBridge: {
      exposeInMainWorld: (name: string, api: Record<string, () => unknown>) => Object.assign(exposed, { [name]: api }),
    },
    ipcRenderer: {
      send: (...args: unknown[]) => sent.push(args),
      on: (channel: string, listener: () => void) => Object.assign(listeners, { [channel]: listener }),
    },
  };
  const required: string[] = [];
  runInNewContext(source, {
    exports: {},
    module: { exports: {} },
    require: (name: string) => {
      required.push(name);
      return electron;
    },
  });
  return { exposed, sent, listeners, required };
}

describe('the preload script', () => {
  it('is one small file that needs electron only', () => {
    expect(readdirSync('out/preload')).toEqual(['index.cjs']);
    expect(preloaded().required).toEqual(['electron']);
    expect(source.split('\n').length).toBeLessThan(40);
    expect(readFileSync('src/preload/index.ts', 'utf8').split('\n').length).toBeLessThan(30);
  });

  it('exposes two functions of one argument each to the page, and nothing else', () => {
    const { exposed, listeners } = preloaded();
    expect(Object.keys(exposed)).toEqual(['sealift']);
    expect(Object.keys(listeners)).toEqual(['frame']);
    const api = exposed.sealift ?? {};
    expect(Object.entries(api).map(([name, value]) => [name, typeof value, value.length])).toEqual([
      ['send', 'function', 1],
      ['onFrame', 'function', 1],
    ]);
  });

  it('sends texts on the one channel, none beyond the limit and nothing else', () => {
    const { exposed, sent } = preloaded();
    const send = exposed.sealift?.send;
    send?.('x'.repeat(maxFrameChars));
    send?.('');
    for (const bad of ['x'.repeat(maxFrameChars + 1), 1, null, undefined, {}, ['x'], new Uint8Array(1)])
      expect(() => send?.(bad)).toThrow('not a valid frame');
    expect(sent.map(([channel, text, ...more]) => [channel, (text as string).length, more])).toEqual([
      ['frame', maxFrameChars, []],
      ['frame', 0, []],
    ]);
  });

  it('hands out texts only: no event, no sender', () => {
    const { exposed, listeners } = preloaded();
    const got: unknown[][] = [];
    exposed.sealift?.onFrame?.((...args: unknown[]) => got.push(args));
    listeners.frame?.({ sender: 'secret' }, 'a text', 'more');
    listeners.frame?.({ sender: 'secret' }, { not: 'a text' });
    expect(got).toEqual([['a text']]);
    expect(() => exposed.sealift?.onFrame?.('no function')).toThrow('not a function');
  });
});
