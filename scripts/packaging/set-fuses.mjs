import { readFileSync } from 'node:fs';
import { FuseState, FuseV1Options, FuseVersion, flipFuses, getCurrentFuseWire } from '@electron/fuses';

const wanted = Object.entries(JSON.parse(readFileSync(new URL('fuses.json', import.meta.url), 'utf8')));

/**
 * Sets the fuses of `fuses.json` in an Electron executable and reads them back. Throws if one is not as wanted. An older Electron, which
 * lacks some of them, is accepted only with `forTests`.
 */
export async function setFuses(executable, forTests) {
  const before = await getCurrentFuseWire(executable);
  const fuses = wanted.map(([name, isOn]) => [FuseV1Options[name[0].toUpperCase() + name.slice(1)], isOn, name]);
  const known = forTests ? fuses.filter(([index]) => before[index] !== undefined) : fuses;
  const settings = Object.fromEntries(known.map(([index, isOn]) => [index, isOn]));
  await flipFuses(executable, { version: FuseVersion.V1, ...settings });
  const after = await getCurrentFuseWire(executable);
  const wrong = known.find(([index, isOn]) => after[index] !== (isOn ? FuseState.ENABLE : FuseState.DISABLE));
  if (wrong) throw new Error(`The fuse ${wrong[2]} of ${executable} could not be set.`);
  return Object.fromEntries(known.map(([, isOn, name]) => [name, isOn]));
}
