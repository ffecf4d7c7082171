import { z } from 'zod';
import { carriedPackages } from '../carried-packages.ts';
import { finding } from '../finding.ts';
import { call, job } from '../rpc/contract.ts';
import { slug } from '../site-file.ts';

const named = z.object({ name: slug });

const set = carriedPackages.extend({
  name: z.string(),
  /** The folder in the store. */
  path: z.string(),
  bytes: z.int().nonnegative(),
  fileCount: z.int().nonnegative(),
  /** Whether they are for this machine's system. */
  isForHere: z.boolean(),
});

const plan = carriedPackages.extend({
  name: z.string(),
  /** Files that will be installed. */
  files: z.array(z.string()),
  /** Files whose package is already installed in this or a newer version. */
  present: z.array(z.string()),
  /** The command for root, one word an entry; empty if there is nothing to install. */
  command: z.array(z.string()),
});

/** Packages for this machine that bundles brought: a container engine, the NVIDIA Container Toolkit, a driver, a browser. */
export const packages = {
  list: call(z.object({}), z.object({ sets: z.array(set) })),
  /**
   * Verifies the files and returns what `install` would run. Throws `packages.unknown`, `packages.other-system`, `packages.none`,
   * `packages.damaged`.
   */
  plan: call(named, plan),
  /**
   * Installs the packages without network, as root: directly, or with `sudo` in a terminal. Safe to repeat. Throws `packages.needs-root`,
   * `packages.failed`, and as `plan` does. `findings`: what `check` then says about what they provide.
   */
  install: job('Installing packages', named, plan.extend({ findings: z.array(finding) }), {
    subject: null,
    resumes: true,
  }),
};
