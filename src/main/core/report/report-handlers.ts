import { join, resolve } from 'node:path';
import type { report, WrittenReport } from '../../../shared/contract/report.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import { ensureKey, listKeys } from '../bundle/keys.ts';
import { isTrusted, readTrust } from '../bundle/trust.ts';
import { checkMachine } from '../hardware/check-machine.ts';
import type { CorePorts } from '../ports.ts';
import { homePaths } from '../settings/paths.ts';
import { readSiteFile } from '../site/read-site-file.ts';
import { sitePaths } from '../site/site-paths.ts';
import { writeEvidence } from '../site/write-evidence.ts';
import { readAnswers } from '../wizard/answers.ts';
import { choiceDoubts } from '../wizard/choice-doubts.ts';
import { gatherEvidence } from './gather-evidence.ts';
import { printPdf } from './print-pdf.ts';
import { reportPage } from './report-page.ts';
import { pageText, proveReport } from './verify-report.ts';
import { writeReport } from './write-report.ts';

/** Implements the contract's area `report`. */
export function reportHandlers(ports: CorePorts): AreaHandlers<typeof report> {
  const paths = homePaths(ports.home);
  const prove = async (path: string) => {
    const [own, trusted] = await Promise.all([listKeys(join(paths.keys)), readTrust(paths.trust)]);
    const ownKeyIds = own.map((key) => key.fingerprint);
    return proveReport(path, { ownKeyIds, isTrusted: (keyId) => isTrusted(trusted, keyId) });
  };
  return {
    write: async ({ siteFile, outFolder, pdf: wantsPdf }, work) => {
      const { site } = await readSiteFile(siteFile);
      work.step('machine', 'Look at the machine');
      const readiness = await checkMachine(ports, paths.store);
      work.step('evidence', 'Gather what was recorded');
      const signer = await ensureKey(paths.keys, 'site');
      const answers = await readAnswers(paths.wizard);
      const about = {
        readiness,
        createdAt: ports.now().toISOString(),
        toolVersion: ports.version,
        keyId: signer.keyId,
        passedOver: answers.overrides,
        doubts: choiceDoubts(answers, site),
      };
      const data = await gatherEvidence(site, paths, about);
      work.step('write', 'Write and sign');
      const pdf = wantsPdf ? await printPdf(reportPage(data, 'A4')) : undefined;
      const written = await writeReport(outFolder, data, signer, pdf);
      const record: WrittenReport = {
        at: about.createdAt,
        folder: resolve(outFolder),
        ...(data.probe && { probedAt: data.probe.at }),
      };
      await writeEvidence(sitePaths(paths.sites, site.name), 'report.json', record);
      const isRed = readiness.findings.some((one) => one.severity === 'red') || Boolean(data.probe?.firstRed);
      return { ...written, key: data.key, standIns: data.standIns, overrides: data.overrides.length, isRed };
    },
    verify: async ({ path }) => (await prove(path)).answer,
    read: async ({ path }) => {
      const proven = await prove(path);
      const { isGood, signature, created } = proven.answer;
      return { html: pageText(path, proven), isGood, keyWords: signature.words, created };
    },
  };
}
