import type { GpuToolkit } from '../../../shared/machine.ts';
import { firstShownLine } from '../processes/shown-line.ts';
import type { SystemView } from './system-view.ts';

/** Looks for what containers need to use NVIDIA GPUs: `nvidia-ctk`, and the CDI files that it creates. */
export async function collectGpuToolkit(view: SystemView): Promise<GpuToolkit> {
  if (view.platform !== 'linux') return { nvidiaCtk: null, cdiSpecs: [] };
  const [answer, ...folders] = await Promise.all([
    view.tool('nvidia-ctk', ['--version']),
    view.names('/etc/cdi'),
    view.names('/var/run/cdi'),
  ]);
  const version = answer.kind === 'ok' ? /version (\d[\w.+~-]*)/.exec(answer.stdout)?.[1] : undefined;
  const specs = folders.flat().filter((name) => /\.(ya?ml|json)$/.test(name));
  return { nvidiaCtk: version ?? null, cdiSpecs: [...new Set(specs.map(firstShownLine))].slice(0, 64) };
}
