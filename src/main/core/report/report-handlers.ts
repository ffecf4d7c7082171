import { join, resolve } from 'node:path';
import type { report, WrittenReport } from '../../../shared/contract/report.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import { checkMachine } from '../hardware/check-machine.ts';
import { printPdf } from '../pages/print-pdf.ts';
import type { CorePorts } from '../ports.ts';
import { ensureKey, listKeys } from '../signing/keys.ts';
import { isTrusted, readTrust } from '../signing/trust.ts';
import { openSite } from '../sites/open-site.ts';
import { writeEvidence } from '../sites/write-evidence.ts';
import { choiceDoubts } from '../wizard/choice-doubts.ts';
import { readAnswers } from '../wizard/saved-answers.ts';
import { gatherEvidence } from './gather-evidence.ts';
import { isRedReport } from './red-report.ts';
import { reportPage } from './report-page.ts';
import { shownTexts, verifyReport } from './verify-report.ts';
import { writeReport } from './write-report.ts';

/** Implements the contract's area `report`. */
export function reportHandlers(ports: CorePorts): AreaHandlers<typeof report> {
  const paths = ports.paths;
  const verify = async (path: string) => {
    const [own, trusted] = await Promise.all([listKeys(join(paths.keys)), readTrust(paths.trust)]);
    const ownKeyIds = own.map((key) => key.fingerprint);
    return verifyReport(path, { ownKeyIds, isTrusted: (keyId) => isTrusted(trusted, keyId) });
  };
  return {
    write: async ({ siteFile, outFolder, pdf: wantsPdf, storePath = paths.store }, work) => {
      const opened = await openSite(paths.sites, siteFile);
      work.step('machine', 'Check the machine');
      const readiness = await checkMachine(ports, storePath);
      work.step('evidence', 'Gather the evidence');
      const signer = await ensureKey(paths.keys, 'site');
      const answers = await readAnswers(paths.wizard);
      const about = {
        readiness,
        createdAt: ports.now().toISOString(),
        toolVersion: ports.version,
        keyId: signer.keyId,
        passedOver: answers.overrides,
        doubts: choiceDoubts(answers, opened.site),
      };
      const data = await gatherEvidence(opened, paths, about);
      work.step('write', 'Write and sign the report');
      const pdf = wantsPdf ? await printPdf(reportPage(data, 'A4')) : undefined;
      const written = await writeReport(outFolder, data, signer, pdf);
      const record: WrittenReport = {
        at: about.createdAt,
        folder: resolve(outFolder),
        ...(data.probe && { probedAt: data.probe.at }),
      };
      await writeEvidence(opened.paths, 'report.json', record);
      const { key, standIns, overrides } = data;
      return { ...written, key, standIns, overrides: overrides.length, isRed: isRedReport(data) };
    },
    verify: async ({ path }) => (await verify(path)).answer,
    read: async ({ path }) => {
      const verified = await verify(path);
      const { isGood, signature, created } = verified.answer;
      return { ...shownTexts(path, verified), isGood, keyWords: signature.words, created };
    },
  };
}
