import { inLanguage } from './language.ts';

/** Words of the Rehearse screen. */
export const rehearseText = inLanguage('rehearse', {
  title: 'Rehearse',
  lead: 'Tries the whole process on this machine with a tiny model, from packing to the report. It works in one folder, and removes what it created in Docker.',
  what: [
    'Real: the signed bundle, the import, the model server, the settings, every probe request and the report.',
    'SIMULATED: GitLab and the AI Gateway. A rehearsal tests the path on this machine, not your GitLab.',
  ],
  keep: 'Keep the site running, with its media',
  keepHow: 'So that you can explore it afterwards. Otherwise only the report is kept.',
  kept: 'Open the kept site with',
  siteFile: 'Its site file',
  siteFileFor:
    'It describes a SIMULATED GitLab. To practise deploying, choose it on Deploy as an existing site file. Remove the kept site first, because it uses the same ports.',
  words: 'Fingerprint of its key',
  wordsFor: 'To practise importing, add both media in the folder above to Import, which asks for these words.',
  start: 'Start rehearsal',
  again: 'Rehearse again',
  running: 'Rehearsing…',
  done: (hops: number, ms: number) =>
    `Rehearsal passed in ${Math.max(1, Math.round(ms / 1000))} s. ${hops === 1 ? 'The only hop' : `All ${hops} hops`} answered.`,
  bundle: 'Bundle',
  bundleValue: (bytes: string, blocks: number) => `${bytes} in ${blocks} verified blocks`,
  engine: 'Model server',
  folder: 'Folder',
  simulated: 'Simulated components',
  report: 'Report',
  showReport: 'Show report',
  readOnly: 'Another Sealift instance is using this data folder. Rehearse there, or close it first.',
});
