/** Words of the report. */
export const reportText = {
  title: 'Report',
  lead: 'The evidence: what was brought, deployed, set and probed, signed by this machine’s key.',
  needSite: 'There is no site to report on yet.',
  write: 'Write and sign the report',
  again: 'Write it again',
  writing: 'Writing',
  files: 'On this machine',
  signedBy: 'Signed by the key',
  tell: 'Tell these words to whoever checks the report, by another channel than the report.',
  good: 'The signature fits every file.',
  bad: 'The files are not as they were signed.',
  print: 'Print or save as PDF',
  save: 'Save HTML',
  verify: 'Prove it with',
};
