import { heldWords } from '../../../../shared/bundle-evidence.ts';
import { byHandText, type NeededContent, type WorkedOut } from '../../../../shared/contract/needs.ts';
import type { AcceptedLicences, pack, packPlan } from '../../../../shared/contract/pack.ts';
import { countText } from '../../../../shared/count-text.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { licenceLine, licencesToAccept, unaccepted, unacceptedDetails } from '../../../../shared/plan-licences.ts';
import { planDoubt, planSizeWords } from '../../../../shared/plan-sizes.ts';
import type { OutputOf, ParsedInputOf } from '../../../../shared/rpc/contract.ts';
import { timeText } from '../../../../shared/time-text.ts';
import type { AreaHandlers } from '../../area-handlers.ts';
import { loadHardwareCatalog } from '../../hardware/load-hardware-catalog.ts';
import { notCarried } from '../../hardware/missing-packages.ts';
import { readReadiness } from '../../hardware/readiness-file.ts';
import type { CorePorts } from '../../ports.ts';
import { noticesText, readNotices } from '../../signing/key-notices.ts';
import { signingKey } from '../../signing/own-keys.ts';
import type { Work } from '../../work.ts';
import { resolveNeeds } from '../needs/resolve-needs.ts';
import { packersTrust } from '../read/packers-trust.ts';
import { readHeld } from '../read/read-held.ts';
import type { ContentSource } from '../sources/content-source.ts';
import { readBundleSpec } from '../sources/read-bundle-spec.ts';
import { refuseHeadCopy } from './head-copy.ts';
import { packBundle } from './pack-bundle.ts';
import { type PreparedPack, preparePack } from './prepare-pack.ts';
import { describePlan } from './shown-plan.ts';

/** Implements `pack` and `packPlan` of the area `bundle`. */
export function packHandlers(ports: CorePorts): AreaHandlers<{ pack: typeof pack; packPlan: typeof packPlan }> {
  return {
    packPlan: async (input, work) => {
      const { prepared, needs } = await prepare(input, ports, work);
      warnOfLimits(prepared, work);
      const plan = await describePlan(prepared);
      return { ...plan, ...(needs && { needs: withSizes(needs, plan) }) };
    },
    pack: async (input, work) => {
      const { key, passphrase } = input;
      const signer = await signingKey(ports.paths, { key, passphrase, now: ports.now() });
      const { state, at = '' } = signer.condition;
      if (state === 'expired') work.warn(`The signing key expired ${timeText(at)}: the import will report that.`);
      const { prepared, needs } = await prepare(input, ports, work);
      for (const note of [...(needs?.notes ?? []), ...(needs?.byHand ?? []).map(byHandText)]) work.warn(note);
      if (input.head) await refuseHeadCopy(input.head, prepared, input.overwrite);
      warnOfLimits(prepared, work);
      const plan = await describePlan(prepared);
      if (input.accepted) refuseUnaccepted({ ...plan, needs }, input, input.accepted, work);
      sayPlan(prepared, plan, work);
      const { workers, version, now } = ports;
      const { readBack, head, scan } = input;
      return packBundle(prepared, { signer, workers, version, now, readBack, head, scan }, work);
    },
  };
}

async function prepare(
  input: ParsedInputOf<typeof packPlan> & { scan?: string | undefined },
  ports: CorePorts,
  work: Work,
): Promise<{ prepared: PreparedPack; needs: WorkedOut | undefined }> {
  const { paths, resources, workers } = ports;
  const { partBytes, mediumBytes, moved, overwrite, plainFolders, packedBy } = input;
  const base =
    input.base === undefined ? undefined : { held: await readHeld(input.base, await packersTrust(ports)), workers };
  const machine = input.readinessPath === undefined ? undefined : (await readReadiness(input.readinessPath)).machine;
  const { loaded, needs } = await resolveNeeds(await readBundleSpec(input.spec), { machine, resources, moved }, work);
  const { rpmPackages } = await loadHardwareCatalog(resources);
  const lacking = machine && ((sources: readonly ContentSource[]) => notCarried(machine, sources, rpmPackages));
  const { packs } = paths;
  const notices = noticesText((await readNotices(paths.trust)).map((one) => one.line));
  const target = { targets: input.to, overwrite, plainFolders, isScanned: input.scan !== undefined };
  const options = { ...target, partBytes, mediumBytes, notices, lacking, packedBy, moved, packs, base };
  const prepared = await preparePack(loaded, options, work);
  for (const line of prepared.lacks) work.warn(line);
  for (const { notes = [] } of prepared.sources) for (const note of notes) work.warn(note);
  return { prepared, needs };
}

/** The sizes of the plan, which come from the sources, and not those of the catalogue. */
function withSizes(needs: WorkedOut, { media }: OutputOf<typeof packPlan>): WorkedOut {
  const planned = media.flatMap((medium) => medium.contents);
  const bytesOf = ({ kind, name }: NeededContent) =>
    planned.find((one) => one.kind === kind && one.name === name)?.totalBytes;
  return { ...needs, contents: needs.contents.map((one) => ({ ...one, bytes: bytesOf(one) ?? one.bytes })) };
}

function warnOfLimits({ sources }: PreparedPack, work: Work): void {
  for (const warning of sources.flatMap((source) => source.warnings ?? [])) work.warn(warning);
}

/** Says what was accepted, so that no log is silent about it. Throws `pack.licence-unaccepted` for anything else. */
function refuseUnaccepted(
  plan: Pick<OutputOf<typeof packPlan>, 'media' | 'needs'>,
  input: Pick<ParsedInputOf<typeof packPlan>, 'spec' | 'to'>,
  accepted: AcceptedLicences,
  work: Work,
): void {
  const left = unaccepted(plan, accepted);
  if (left.length > 0) throw appError('pack.licence-unaccepted', unacceptedDetails(plan, left, input));
  for (const one of licencesToAccept(plan)) work.log(`Accepted: ${licenceLine(one)}`);
}

function sayPlan(prepared: PreparedPack, plan: OutputOf<typeof packPlan>, work: Work): void {
  const { isResumed, restarts, record } = prepared.progress;
  if (isResumed) work.log(`Resuming bundle ${record.id}, whose packing was interrupted`);
  if (restarts) work.warn(`The interrupted packing starts over, and what it wrote is removed: ${restarts}.`);
  const about = planSizeWords[plan.sizes];
  for (const { label, path, bytes, files, filesystem, contents } of plan.media) {
    const names = contents.map((content) => content.name).join(', ');
    const inFiles = files === null ? '' : ` in ${countText(files, 'file')}`;
    work.log(`${label} → ${path} (${filesystem}): ${about}${bytes} bytes${inFiles}: ${names}`);
  }
  const doubt = planDoubt(plan);
  if (doubt) work.log(doubt);
  for (const { target } of prepared.media) {
    if (!target.exists) work.warn(`${target.path} does not exist yet and will be created: is the medium mounted?`);
  }
  const { leftOut } = prepared;
  if (leftOut) work.log(`Left out, because ${heldWords(leftOut.held)} has it: ${leftOut.bytes} bytes`);
  if (prepared.unused.length > 0) work.log(`Not needed: ${prepared.unused.join(', ')}`);
}
