import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readUpstreamKey } from '../../../src/main/core/files/upstream-key.ts';
import { HttpsServer } from '../../fakes/https-server.ts';
import { makeCertificate } from '../../scenes/certificates.ts';
import { ask, type ServingStage, send, servingStage } from '../../scenes/serving-stage.ts';

const key = 'sk-upstream-5a7f';
let stage: ServingStage;
let server: HttpsServer;
let keyFile: string;
let caFile: string;

beforeAll(async () => {
  stage = await servingStage();
  const made = await makeCertificate(stage.folder, 'an IP address in the SAN');
  [keyFile, caFile] = [join(stage.folder, 'upstream.key'), join(stage.folder, 'own-ca.pem')];
  await writeFile(keyFile, `${key}\n`, { mode: 0o600 });
  await writeFile(caFile, made.ca);
  server = await HttpsServer.start(made, (_seen, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}]}');
  });
});
afterAll(async () => {
  await server.close();
  await stage.close();
});

/** What the front answers before the server, and which key the server got. */
async function asked(more: { key?: { file: string }; caFile?: string }): Promise<[number, string | undefined]> {
  const url = `https://${server.host}/v1`;
  const front = await stage.front(url, { upstream: { url, ...more } });
  const { status } = await send(front, stage.apiKey, '/v1/chat/completions', ask());
  return [status, server.seen.pop()?.authorization];
}

describe("somebody else's model server", () => {
  it('gets its own key, over TLS that an own authority vouches for, and never that of the front', async () => {
    expect(await asked({ key: { file: keyFile }, caFile })).toEqual([200, `Bearer ${key}`]);
    expect(await asked({ caFile })).toEqual([200, undefined]);
    expect(await stage.log()).not.toContain(key);
  });

  it.each([
    ['an error', 500, {}],
    ['a refusal', 400, {}],
    ['a stream', 200, { stream: true }],
    ['an answer', 200, {}],
  ])('cannot pass the key on in %s', async (_name, status, more) => {
    const url = `https://${server.host}/v1`;
    const front = await stage.front(url, { upstream: { url, key: { file: keyFile }, caFile } });
    server.fault = ({ authorization }, response) => {
      const said = { message: `refused: ${authorization} é`, code: key, param: key };
      const choices = [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }];
      const isStream = 'stream' in more;
      const text = JSON.stringify(status === 200 && !isStream ? { choices, said } : { error: said });
      const cut = text.indexOf(key) + 5;
      response.writeHead(status, { 'content-type': isStream ? 'text/event-stream' : 'application/json' });
      const rest = `${text.slice(cut)}${isStream ? '\n\n' : ''}`;
      response.write(`${isStream ? 'data: ' : ''}${text.slice(0, cut)}`, () => response.end(rest));
      return true;
    };
    const { text } = await send(front, stage.apiKey, '/v1/chat/completions', { ...ask(), ...more });
    server.fault = undefined;
    server.seen.length = 0;
    expect(text).toContain(`refused: Bearer ${'*'.repeat(key.length)} é`);
    expect(text).not.toContain(key);
    expect(await stage.log()).not.toContain(key);
  });

  it('is not asked where no one vouches for it', async () => {
    expect(await asked({ key: { file: keyFile } })).toEqual([503, undefined]);
  });

  it('keeps a front from starting without the key', async () => {
    await expect(asked({ key: { file: join(stage.folder, 'none') } })).rejects.toMatchObject({ code: 'file.missing' });
  });
});

describe('the key of a model server', () => {
  it('comes from a file or a variable, and its absence is named', async () => {
    expect(await readUpstreamKey({ file: keyFile })).toBe(key);
    expect(await readUpstreamKey({ variable: 'SEALIFT_KEY' }, 'endpointKey', { SEALIFT_KEY: key })).toBe(key);
    const wanting = readUpstreamKey({ variable: 'SEALIFT_KEY' }, 'endpointKey', {});
    await expect(wanting).rejects.toMatchObject({ code: 'serving.upstream-key-unset' });
    await expect(wanting).rejects.toThrow('SEALIFT_KEY is not set');
    const empty = readUpstreamKey({ variable: 'SEALIFT_KEY' }, 'endpointKey', { SEALIFT_KEY: '' });
    await expect(empty).rejects.toMatchObject({ code: 'input.invalid' });
  });
});
