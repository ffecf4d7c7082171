import { type PackageUse, packageUseNames } from '../../../shared/carried-packages.ts';
import type { packages } from '../../../shared/contract/packages.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import { checkMachine } from '../hardware/check-machine.ts';
import { ownSystem } from '../hardware/own-system.ts';
import type { CorePorts } from '../ports.ts';
import { isFor, storedPackages } from '../store/carried-packages.ts';
import { type PreparedInstall, prepareInstall } from './prepare-install.ts';
import { runAsRoot } from './run-as-root.ts';

/** The findings about what packages provide. */
const about: Record<PackageUse, RegExp> = {
  'container-engine': /^hardware[.]engine/,
  'nvidia-toolkit': /^hardware[.]engine-gpu$/,
  'nvidia-driver': /^hardware[.]gpu/,
  browser: /^hardware[.]browser$/,
};

/** Implements the contract's area `packages`. */
export function packagesHandlers(ports: CorePorts): AreaHandlers<typeof packages> {
  const { store } = ports.paths;
  const prepared = async (name: string, signal: AbortSignal) => {
    const sets = await storedPackages(store);
    const set = sets.find((one) => one.name === name);
    if (!set) throw appError('packages.unknown', { name, known: sets.map((one) => one.name) });
    return prepareInstall(set, await ownSystem(), signal);
  };
  return {
    list: async () => {
      const here = await ownSystem();
      const sets = (await storedPackages(store)).map(({ name, path, files, packages: carried }) => ({
        ...carried,
        name,
        path,
        bytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
        fileCount: files.length,
        isForHere: isFor(carried, here),
      }));
      return { sets };
    },
    plan: async ({ name }, { signal }) => shown(await prepared(name, signal)),
    install: async ({ name }, work) => {
      work.step('verify', `Verify the packages ${name}`);
      const plan = await prepared(name, work.signal);
      const { provides } = plan.set.packages;
      work.step('install', `Install ${packageUseNames[provides]}`);
      if (plan.command.length > 0) await runAsRoot(name, plan.command, ports.shell.kind === 'cli', work);
      work.step('check', 'Check this machine');
      const { findings } = await checkMachine(ports, store);
      return { ...shown(plan), findings: findings.filter((one) => about[provides].test(one.id)) };
    },
  };
}

function shown({ set, files, present, command }: PreparedInstall) {
  return { ...set.packages, name: set.name, files, present, command };
}
