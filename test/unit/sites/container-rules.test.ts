import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseSiteFile } from '../../../src/main/core/sites/read-site-file.ts';
import { containerSite, type SiteChange } from '../../scenes/container-site.ts';

const read = (change: SiteChange) => parseSiteFile(stringify(containerSite(change)), 'site.yaml');
const image = 'registry.example/vllm:1';

describe('a site file with containers', () => {
  it('may use every field', () => {
    const model = { engine: 'vllm', image, gpu: 'auto', memoryGiB: 64, vllm: { tensorParallel: 2 } } as const;
    expect(read({ model })).toMatchObject({ gateway: { kind: 'container' }, model: { vllm: { tensorParallel: 2 } } });
    expect(() => read({ model: { engine: 'ollama', image, gpu: 'none' } })).not.toThrow();
    expect(() => read({ model: { gpu: 'none' } })).not.toThrow();
    const litellm = { engine: 'litellm-ollama', image, litellmImage: image } as const;
    expect(() => read({ gitlab: { version: '17.4' }, model: litellm })).not.toThrow();
    const simulated = { url: 'http://172.17.0.1:8090', simulated: true };
    expect(() => read({ gitlab: simulated, gateway: { host: '127.0.0.1' } })).not.toThrow();
  });

  it.each([
    ['gateway.image', { gateway: { image: undefined } }],
    ['gateway.image', { gateway: { kind: 'existing' } }],
    ['gateway.image', { gateway: { image: 'registry.example/gateway' } }],
    ['gateway.image', { gateway: { image: 'Registry.Example/Gateway:1; rm' } }],
    ['gateway.docsIndex', { gitlab: { version: '17.4' }, gateway: { docsIndex: '/srv/docs.db' } }],
    ['gateway.url', { gateway: { url: 'https://ai.example' } }],
    ['gateway.grpcTls', { gateway: { grpcTls: true } }],
    ['gateway.tls', { gitlab: { version: '19.0' }, gateway: { tls: { certFile: '/a', keyFile: '/b' } } }],
    ['gateway.tls.keyFile', { gitlab: { version: '19.1' }, gateway: { tls: { certFile: '/a', keyFile: 'b' } } }],
    ['gateway.memoryGiB', { gateway: { memoryGiB: 0 } }],
    ['gateway.host', { gateway: { host: '127.0.0.1' } }],
    ['gitlab.url', { gitlab: { url: 'http://127.0.0.1:8080' } }],
    ['gitlab.url', { gitlab: { url: 'http://8.8.8.8:8080', simulated: true } }],
    ['model.image', { model: { engine: 'vllm' } }],
    ['model.image', { model: { image } }],
    ['model.gpu', { model: { gpu: 'auto' } }],
    ['model.litellmImage', { model: { engine: 'ollama', image, litellmImage: image } }],
    ['model.litellmImage', { gitlab: { version: '17.4' }, model: { engine: 'litellm-ollama', image } }],
    ['model.engine', { model: { engine: 'litellm-ollama', image, litellmImage: image } }],
    ['model.vllm', { model: { engine: 'ollama', image, vllm: {} } }],
    ['model.vllm.toolCallParser', { model: { engine: 'vllm', image, vllm: { toolCallParser: '--x' } } }],
    ['model.vllm.tensorParallel', { model: { engine: 'vllm', image, gpu: 'none', vllm: { tensorParallel: 2 } } }],
    ['model.endpoint', { model: { engine: 'vllm', image, endpoint: 'http://a/v1' } }],
  ] as [string, SiteChange][])('is refused with a word on %s', (field, change) => {
    const text = stringify({ ...containerSite(), ...raw(change) });
    expect(() => parseSiteFile(text, 'site.yaml')).toThrow(`${field}:`);
  });
});

function raw(change: SiteChange): object {
  const base = containerSite();
  return Object.fromEntries(
    Object.entries(change).map(([group, fields]) => [group, { ...base[group as keyof SiteChange], ...fields }]),
  );
}
