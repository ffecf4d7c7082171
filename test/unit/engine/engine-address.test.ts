import { expect, it } from 'vitest';
import { engineAddress } from '../../../src/main/core/engine/connect-engine.ts';

const usual = 'unix:///var/run/docker.sock';

it.each([
  [undefined, {}, usual],
  [undefined, { DOCKER_HOST: '' }, usual],
  [undefined, { DOCKER_HOST: 'tcp://engine:2375' }, 'tcp://engine:2375'],
  ['unix:///own.sock', { DOCKER_HOST: 'tcp://engine:2375' }, 'unix:///own.sock'],
  // What a person types is never taken for something else.
  ['', { DOCKER_HOST: 'tcp://engine:2375' }, ''],
])('asked for %j with %j, takes %s', (asked, env, address) => expect(engineAddress(asked, env)).toBe(address));
