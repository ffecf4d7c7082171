import { inLanguage } from './language.ts';

/** Words of the Report screen. */
export const reportText = inLanguage('report', {
  title: 'Report',
  lead: 'Signed evidence of what was imported, deployed, configured and probed.',
  needSite: 'No site to report on yet.',
  none: 'No report yet. It will list the imported contents, the deployment, the settings of GitLab, every hop of the probe and the findings, signed with the key of this data folder.',
  noneProbed: 'No report yet. Probe the site first, so that the report can show whether each hop answers.',
  write: 'Write and sign report',
  again: 'Write report again',
  writing: 'Writing…',
  files: 'Folder on this machine',
  signedBy: 'Fingerprint of the signing key',
  tell: 'Send these words to the reviewer separately from the report, for example by phone.',
  good: 'The signature matches all files.',
  bad: "The signature doesn't match the files.",
  print: 'Print or save as PDF',
  save: 'Save HTML',
  saveJson: 'Save JSON',
  jsonTooLarge: 'report.json is too large to save from here. It is in the folder named below.',
  contents: 'Sections of the report',
  verify: 'Verify with',
});
