import { expect, it } from 'vitest';
import { manyPipes } from '../../../src/main/core/processes/many-pipes.ts';
import { memoryPipes, type Pipe } from '../../../src/shared/rpc/pipe.ts';

const later = () => new Promise((resolve) => setImmediate(resolve));

function scene() {
  const [here, there] = memoryPipes();
  const arrived: { pipe: Pipe; frames: string[]; isClosed: boolean }[] = [];
  manyPipes(there, (pipe) => {
    const one = { pipe, frames: [] as string[], isClosed: false };
    pipe.onFrame((text) => one.frames.push(text));
    pipe.onClose(() => {
      one.isClosed = true;
    });
    arrived.push(one);
  });
  return { carrier: here, other: there, open: manyPipes(here), arrived };
}

it('keeps the frames of each pipe apart, spaces and all', async () => {
  const { open, arrived } = scene();
  const [first, second] = [open(), open()];
  await first.send('a b  c');
  await second.send('{"k":1}');
  await first.send('d');
  await later();
  expect(arrived.map(({ frames }) => frames)).toEqual([['a b  c', 'd'], ['{"k":1}']]);
});

it('hears pipes that speak in another order than they were opened', async () => {
  const { open, arrived } = scene();
  const [first, second] = [open(), open()];
  await second.send('b');
  await first.send('a');
  await later();
  expect(arrived.map(({ frames }) => frames)).toEqual([['b'], ['a']]);
});

it('closes one without the others, from either side, and drops what was on its way', async () => {
  const { open, arrived } = scene();
  const [first, second] = [open(), open()];
  await first.send('x');
  await second.send('x');
  await later();
  let isSecondClosed = false;
  second.onClose(() => {
    isSecondClosed = true;
  });
  first.close();
  arrived[1]?.pipe.close();
  await second.send('late');
  await first.send('late');
  await later();
  expect(arrived.map(({ frames, isClosed }) => [frames, isClosed])).toEqual([
    [['x'], true],
    [['x'], true],
  ]);
  expect(isSecondClosed).toBe(true);
});

it('closes all with the carrier, and what is opened later at once', async () => {
  const { carrier, open, arrived } = scene();
  const first = open();
  await first.send('x');
  await later();
  carrier.close();
  expect(arrived[0]?.isClosed).toBe(true);
  let isClosed = false;
  open().onClose(() => {
    isClosed = true;
  });
  await later();
  expect(isClosed).toBe(true);
});

it.each(['', 'x', ' x', '0 x', '-1 x', '1e9', 'NaN x'])('makes nothing of the line %j', async (line) => {
  const { carrier, arrived } = scene();
  await carrier.send(line);
  await later();
  expect(arrived).toEqual([]);
});
