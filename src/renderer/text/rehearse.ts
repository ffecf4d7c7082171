/** Words of the rehearsal. */
export const rehearseText = {
  title: 'Rehearse',
  lead: 'The whole job on this machine with a tiny model: pack, carry, import, deploy, set up GitLab, probe, report. Nothing outside one folder is changed.',
  what: [
    'Real: the bundle with its signature, the import, the model server, the settings, every request of the probe, the report.',
    'SIMULATED: GitLab and the AI Gateway. A rehearsal proves the path on this machine, not your GitLab.',
  ],
  start: 'Rehearse the whole job',
  again: 'Rehearse again',
  running: 'Rehearsing',
  done: (hops: number, ms: number) => `${hops} hops answered in a rehearsal of ${Math.round(ms / 1000)} s`,
  bundle: 'Bundle',
  bundleValue: (bytes: string, blocks: number) => `${bytes} in ${blocks} proven blocks`,
  engine: 'Model server',
  folder: 'Folder',
  simulated: 'Stand-ins',
  report: 'The report',
  showReport: 'Show the report',
  readOnly: 'Another Sealift holds this data folder: only it can rehearse now.',
};
