import { mkdir, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConnectProxy, type ProxyOptions } from '../../fakes/connect-proxy.ts';
import { ModelHub } from '../../fakes/model-hub.ts';
import { type MadeCertificate, makeCertificate } from '../../scenes/certificates.ts';
import { besideSafetensors, safetensors } from '../../scenes/make-sources.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { checkMedia } from '../../scenes/packed-media.ts';

const content = '{kind: model, name: tiny, from: hub, repository: lab/tiny}';
let made: PackScene;
let certificate: MadeCertificate;
/** Of the proxy, by an authority of its own. */
let proxies: MadeCertificate;
let hub: ModelHub;
let scene: PackScene;
let proxy: ConnectProxy | undefined;

beforeAll(async () => {
  made = await PackScene.open();
  certificate = await makeCertificate(made.folder, 'good');
  await mkdir(made.at('proxy'));
  proxies = await makeCertificate(made.at('proxy'), 'good');
});
afterAll(() => made.close());
beforeEach(async () => {
  scene = await PackScene.open();
  hub = await ModelHub.start(certificate);
  hub.commit({ ...besideSafetensors, 'model.safetensors': safetensors(300_000) });
  await trust(certificate.ca);
  vi.stubEnv('HF_ENDPOINT', `https://${hub.hub.host}`);
  vi.stubEnv('HF_TOKEN', hub.token);
  vi.stubEnv('NO_PROXY', '');
  vi.stubEnv('no_proxy', '');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await proxy?.close();
  proxy = undefined;
  await hub.close();
  await scene.close();
});

async function trust(...authorities: string[]): Promise<void> {
  await writeFile(scene.at('ca.pem'), authorities.join('\n'));
  scene.more = ['network: { ca: ca.pem }'];
}

async function behind(options: ProxyOptions): Promise<ConnectProxy> {
  proxy = await ConnectProxy.start(options);
  vi.stubEnv('HTTPS_PROXY', proxy.url);
  vi.stubEnv('https_proxy', proxy.url);
  return proxy;
}

const refusal = () =>
  scene.pack([content], ['m1']).then(
    () => 'packed',
    (error) => error.wire ?? error,
  );

describe('packing behind a proxy', () => {
  it.each<[string, () => ProxyOptions]>([
    ['that passes everything on', () => ({})],
    ['that wants a login', () => ({ login: 'me:secret' })],
    ['that speaks TLS', () => ({ own: proxies })],
    ['that reads everything', () => ({ reads: { ...proxies, trusts: certificate.ca } })],
  ])('%s reaches all hosts through it', async (_what, options) => {
    await trust(certificate.ca, proxies.ca);
    const { seen } = await behind(options());
    expect(await refusal()).toBe('packed');
    await checkMedia([scene.at('m1')]);
    expect(new Set(seen)).toEqual(new Set([hub.hub.host, hub.store.host]));
  });

  it.each<[string, () => ProxyOptions]>([
    ['that speaks TLS', () => ({ own: proxies })],
    ['that reads everything', () => ({ reads: { ...proxies, trusts: certificate.ca } })],
  ])('%s with a certificate that no one trusts says what to trust', async (_what, options) => {
    await behind(options());
    const error = await refusal();
    expect(error).toMatchObject({ code: 'remote.certificate' });
    expect(JSON.stringify(error.remedies)).toContain('network: ca');
  });

  it('that refuses the login says so, without the login', async () => {
    const { url } = await behind({ login: 'me:secret' });
    vi.stubEnv('HTTPS_PROXY', url.replace('secret', 'other'));
    vi.stubEnv('https_proxy', url.replace('secret', 'other'));
    const error = await refusal();
    expect(error).toMatchObject({ code: 'remote.unreachable' });
    expect(error.message).toContain('407');
    expect(JSON.stringify(error)).not.toContain('other');
  });

  it('that does not answer says so', async () => {
    vi.stubEnv('HTTPS_PROXY', 'http://me:secret@127.0.0.1:1');
    vi.stubEnv('https_proxy', 'http://me:secret@127.0.0.1:1');
    const error = await refusal();
    expect(error).toMatchObject({ code: 'remote.unreachable' });
    expect(JSON.stringify(error)).not.toContain('secret');
  });
});
