import { expect, it } from 'vitest';
import { gatewayFindings } from '../../../src/main/core/site/containers/gateway-findings.ts';
import { containerSite, type SiteChange } from '../../scenes/container-site.ts';

const found = (change: SiteChange) => gatewayFindings(containerSite(change));
const tagged = (version: string, tag: string, simulated = false) =>
  found({ gitlab: { version, simulated }, gateway: { image: `registry.example/model-gateway:${tag}` } });

it.each([
  ['18.9', 'self-hosted-v18.9.3-ee', []],
  ['17.3', 'gitlab-v17.3.0', []],
  ['18.9', 'self-hosted-v18.8.0-ee', ['gateway.other-version']],
  ['18.9', 'latest', ['gateway.unknown-version']],
  ['18.9', 'v1.4.0', ['gateway.unknown-version']],
  ['17.1', 'v1.4.0', ['gateway.unknown-version']],
  ['18.9', 'ours', ['gateway.unknown-version']],
])('judges for GitLab %s the tag %s', (version, tag, ids) => {
  expect(tagged(version, tag).map((one) => one.id)).toEqual(ids);
});

it('names the right image of each era, and says what v1.4.0 means in it', () => {
  const remedy = (version: string) => JSON.stringify(tagged(version, 'v1.4.0')[0]?.remedies);
  expect(remedy('17.1')).toContain('vA.B.C');
  expect(remedy('17.3')).toContain('gitlab-v17.3.Z');
  expect(remedy('17.4')).toContain('self-hosted-v17.4.Z-ee');
  expect(tagged('17.1', 'v1.4.0')[0]?.consequence).toContain('Check yourself');
  expect(tagged('18.9', 'v1.4.0')[0]?.consequence).toContain('not meant for self-hosting');
});

it('does not judge images of a rehearsal, or named by digest', () => {
  expect(tagged('18.9', 'ours', true)).toEqual([]);
  expect(found({ gateway: { image: `registry.example/gateway@sha256:${'a'.repeat(64)}` } })).toEqual([]);
});

it('warns of an existing gateway that only this machine could reach', () => {
  const at = (gateway: SiteChange['gateway'], simulated = false) =>
    found({ gitlab: { simulated }, gateway: { kind: 'existing', image: undefined, ...gateway } }).map((one) => one.id);
  expect(at({ host: 'localhost' })).toEqual(['gateway.loopback']);
  expect(at({ host: '127.0.0.1', url: 'https://localhost:8443' })).toEqual(['gateway.loopback']);
  expect(at({ host: '10.0.0.5' })).toEqual([]);
  expect(at({ host: '127.0.0.1' }, true)).toEqual([]);
});
