import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { addFrontKey, removeFrontKey } from '../../../src/main/core/serving/front-keys.ts';
import type { StartedPart } from '../../../src/main/core/serving/parts/start-part.ts';
import { ask, type ServingStage, send, servingStage } from '../../scenes/serving-stage.ts';

const path = '/v1/chat/completions';
const now = new Date('2026-01-02T03:04:05Z');
const patient = { timeout: 30_000 };
let stage: ServingStage;
let engine: StartedPart;

beforeAll(async () => {
  stage = await servingStage();
  engine = await stage.engine();
});
afterAll(() => stage.close());

describe('named keys of the front', () => {
  it('count from the next request on, are named in the log, and end when they are revoked', async () => {
    const keysFile = join(stage.folder, `${randomUUID()}.json`);
    const front = await stage.front(engine, { keysFile });
    const status = async (key: string) => (await send(front, key, '/v1/models')).status;
    expect(await status('sk-not-yet-a-key-0123')).toBe(401);
    const { key } = await addFrontKey(keysFile, 'editor', now);
    const other = (await addFrontKey(keysFile, 'batch', now)).key;
    expect(await status(key)).toBe(200);
    await removeFrontKey(keysFile, 'editor');
    expect(await status(key)).toBe(401);
    expect([await status(other), await status(stage.apiKey)]).toEqual([200, 200]);
    // A request is logged when its connection is done with it, which may be after its answer.
    const isNamed = (log: string) => ['editor', 'batch', 'gateway'].every((owner) => log.includes(`"key":"${owner}"`));
    expect(await vi.waitUntil(async () => ((log) => isNamed(log) && log)(await stage.log()), patient)).not.toContain(
      key,
    );
  });

  it('are all refused while their file is damaged; the own key still works', async () => {
    const { key } = await addFrontKey(join(stage.folder, 'other.json'), 'editor', now);
    const damaged = await stage.front(engine, { keysFile: join(stage.folder, 'damaged.json') });
    await writeFile(join(stage.folder, 'damaged.json'), '{"version":1,"keys":[{"name":"editor"');
    expect((await send(damaged, key, '/v1/models')).status).toBe(401);
    expect((await send(damaged, stage.apiKey, '/v1/models')).status).toBe(200);
    await expect.poll(() => stage.log()).toContain('damaged.json');
  });
});

describe('allowed clients of the front', () => {
  const outside = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .find((one) => one.family === 'IPv4' && !one.internal);

  it('include this machine, whatever the list says', async () => {
    const closed = await stage.front(engine, { clients: ['203.0.113.0/24'] });
    expect((await send(closed, stage.apiKey, path, ask())).status).toBe(200);
  });

  it.runIf(outside)('are told apart by their address, before their key', async () => {
    const address = outside?.address ?? '';
    // Loopback reaches an address of this machine from another one of it.
    const from = async (clients: string[]) => {
      const part = await stage.front(engine, { clients, host: address });
      const response = await requestFrom('127.0.0.1', address, part.address.port, stage.apiKey);
      return response;
    };
    expect(await from(['203.0.113.0/24'])).toMatchObject({ status: 403, code: 'client_not_allowed' });
    expect(await from(['203.0.113.0/24', '127.0.0.0/8'])).toMatchObject({ status: 200 });
  });
});

describe('metrics of the front', () => {
  it('count requests, tokens and times for whoever has a key', async () => {
    const part = await stage.front(engine);
    await send(part, stage.apiKey, path, { ...ask(), stream: true });
    await send(part, stage.apiKey, path, ask());
    await send(part, stage.apiKey, `/v1/${'x'.repeat(50)}`);
    expect((await send(part, undefined, '/metrics')).status).toBe(401);
    // A request is counted when its connection is done with it, which may be after its answer.
    await vi.waitFor(async () => {
      const { text, headers } = await send(part, stage.apiKey, '/metrics');
      expect(headers.get('content-type')).toContain('version=0.0.4');
      expect(text).toContain('sealift_front_requests_total{path="/v1/chat/completions",status="200"} 2');
      expect(text).toContain('sealift_front_requests_total{path="other",status="404"} 1');
      expect(text).toContain('sealift_front_requests_total{path="/metrics",status="401"} 1');
      expect(text).toContain('sealift_front_tokens_total{kind="completion"} 34');
      expect(text).toContain('sealift_front_request_duration_seconds_count 2');
      expect(text).toContain('sealift_front_first_token_seconds_count 1');
      expect(text).toContain('sealift_front_requests_in_flight 1');
      expect(text).not.toContain('xxx');
    }, patient);
  });
});

/** Asks a server for its models from a given address of this machine. */
function requestFrom(
  localAddress: string,
  host: string,
  port: number,
  key: string,
): Promise<{ status: number; code?: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${key}` };
    get({ localAddress, host, port, path: '/v1/models', headers }, async (response) => {
      const body = JSON.parse(await text(response)) as { error?: { code: string } };
      resolve({ status: response.statusCode ?? 0, ...(body.error && { code: body.error.code }) });
    }).once('error', reject);
  });
}
