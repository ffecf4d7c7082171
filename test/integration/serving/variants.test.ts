import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { defaultSentence } from '../../../src/main/core/rehearse/tiny-model.ts';
import type { StartedPart } from '../../../src/main/core/serving/parts/start-part.ts';
import { missing } from '../../needs.ts';
import { ask, type ServingStage, send, servingStage } from '../../scenes/serving-stage.ts';
import { SiteScene } from '../../scenes/site-scene.ts';

let stage: ServingStage;
beforeAll(async () => {
  stage = await servingStage();
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => stage.close());

/** An engine that is told of a variant whose package is this code. */
async function engineWith(code: string): Promise<StartedPart> {
  const folder = join(stage.folder, `variant-${code.length}`);
  await mkdir(join(folder, 'dist'), { recursive: true });
  await writeFile(join(folder, 'dist', 'index.js'), code);
  return stage.engine(
    {},
    { variants: [{ gpu: 'vulkan', packages: [{ name: '@node-llama-cpp/linux-x64-vulkan', folder }] }] },
  );
}

describe.runIf(process.platform === 'linux' && process.arch === 'x64')(
  'a variant of llama.cpp that cannot be used',
  () => {
    it.each([
      ['crashes', 'process.abort();', 'vulkan: its process ended'],
      ['is of another version', "export const getBinsDir = () => ({ binsDir: '/', packageVersion: '0' });", 'vulkan: '],
    ])('leaves the engine on the CPU, and says why: it %s', async (_what, code, why) => {
      const engine = await engineWith(code);
      const measured = await engine.measure();
      expect(measured).toMatchObject({ device: 'cpu', gpuLayers: 0, notUsed: expect.stringContaining(why) });
      expect(measured).not.toHaveProperty('deviceBytes');
      const { json } = await send(engine, engine.address.token, '/v1/chat/completions', ask());
      expect(json.choices[0].message.content).toBe(defaultSentence);
      await engine.stop();
    });
  },
);

const archive = process.env.SEALIFT_TEST_VULKAN_LLAMACPP ?? '';
/** Mesa's Vulkan device that computes on the CPU. llama.cpp takes such a one only where it is named. */
const softwareDevice = () => existsSync('/usr/share/vulkan/icd.d/lvp_icd.x86_64.json');
const isMissing =
  missing('llama.cpp for Vulkan', () => existsSync(archive), { mayBeRefused: true }) ||
  missing('mesa-vulkan-drivers', softwareDevice);

describe.skipIf(isMissing)('llama.cpp for Vulkan, brought in by a bundle', () => {
  it('runs the model on the device that it finds, says what was measured there, and leaves with the site', async () => {
    const scene = await SiteScene.open();
    await scene.importFiles('llamacpp-vulkan', [archive]);
    const file = await scene.writeSite();
    const plan = await scene.run('deploy', file, '--plan');
    expect(plan.json.data).toMatchObject({
      steps: expect.arrayContaining([
        expect.objectContaining({
          id: 'package.vulkan',
          kind: 'package',
          state: 'will-be-made',
          what: expect.stringContaining('if it finds a device'),
        }),
      ]),
    });

    // Without a device, as on a machine whose GPU has no Vulkan driver.
    expect(await scene.run('deploy', file)).toMatchObject({ exitCode: 0 });
    const onCpu = await scene.until(({ parts }) => parts[0]?.measured.device !== undefined);
    expect(onCpu.parts[0]?.measured).toMatchObject({
      device: 'cpu',
      gpuLayers: 0,
      notUsed: 'vulkan: it finds no device',
    });
    expect(onCpu.findings).toMatchObject([{ id: 'site.model-on-cpu', severity: 'amber' }]);
    expect(await scene.ask()).toMatchObject({ status: 200 });

    vi.stubEnv('GGML_VK_VISIBLE_DEVICES', '0');
    expect(await scene.run('stop')).toMatchObject({ exitCode: 0 });
    expect(await scene.run('start')).toMatchObject({ exitCode: 0 });
    const onDevice = await scene.until(({ parts }) => parts[0]?.measured.device !== undefined);
    const measured = onDevice.parts[0]?.measured;
    // The model's one layer, and its output.
    expect(measured).toMatchObject({ device: expect.stringMatching(/^vulkan \(llvmpipe/), gpuLayers: 2 });
    // Two sources: what llama.cpp counts on the device, and what its log says of the buffers that it made there.
    expect(Number(measured?.kvCacheBytes)).toBeGreaterThan(0);
    expect(Number(measured?.deviceBytes)).toBeGreaterThan(Number(measured?.kvCacheBytes));
    expect(onDevice.findings).toEqual([]);
    expect(await scene.ask()).toMatchObject({ status: 200, text: expect.stringContaining(defaultSentence) });

    const removed = (await scene.run('uninstall', '--site', 'plant', '--yes')).json.data as { removes: string[] };
    expect(removed.removes).toContain(join(scene.home, 'llamacpp'));
    expect(existsSync(join(scene.home, 'llamacpp'))).toBe(false);
  });
});
