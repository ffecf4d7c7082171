import { inLanguage } from './language.ts';

/** What a fingerprint is typed in. */
type Unit = 'words' | 'digits';
const units: Record<Unit, string> = { words: 'words', digits: 'digits' };

/** Words of the Import screen. */
export const importText = inLanguage('import', {
  title: 'Import',
  lead: 'Import a bundle from its media. Sealift never writes to the media.',
  loading: 'Looking for media…',
  planning: 'Reading the media and checking signatures…',
  media: 'Media',
  none: 'No media found.',
  noneHow:
    'Plug in a medium and mount it. You can connect media in any order, one at a time. If a medium does not appear, add its folder below.',
  add: 'Folder with media',
  addHow: 'The mount point of a medium, or a folder that contains several.',
  addNow: 'Add folder',
  remove: 'Stop watching',
  medium: (ordinal: number, of: number | undefined) =>
    of === undefined ? `Medium ${ordinal}` : `Medium ${ordinal} of ${of}`,
  unknownMedium: 'Bundle medium',
  addedFolder: 'Added folder',
  notThere: 'not connected',
  needed: 'needed',
  allHere: 'fully imported',
  use: 'Use this medium',
  space: (free: string, size: string) => `${free} of ${size} free`,
  trusted: (who: string | undefined) => (who ? `Signed by ${who} (trusted key)` : 'Signed with a trusted key'),
  notTrusted: 'Signed with a key that is not trusted yet',
  notSigned: 'Not signed',
  revoked: 'Signed by a revoked key',
  notTrustedLong:
    'These media are signed, but the key is not trusted on this machine yet. Sealift has not used anything from them.',
  notSignedLong: 'These media are not signed. Sealift has not used anything from them.',
  overridden: 'NOT TRUSTED',
  overriddenWhy: (reason: string) => `Used anyway. Reason: ${reason}. The report records this.`,
  notRead: 'Not read yet',
  safe: (ordinal: number) =>
    `You can remove medium ${ordinal}. Everything needed from it is imported. Unmount it first.`,
  checkFingerprint: 'Check fingerprint',
  useAnyway: 'Use without a trusted key…',
  trustAgain: 'Require a trusted key',

  trustTitle: 'Fingerprint of the signing key',
  trustHow: [
    'Ask the person who packed the bundle for the fingerprint of their key, by phone or on paper. It has 16 words or 64 digits.',
    'Enter what they give you. Never copy it from the media: whoever can change the media can change the words on them.',
  ],
  typed: 'Fingerprint you were given',
  label: 'Key owner',
  labelHow: 'Shown next to each medium and in the report, for example "Packing team".',
  compare: 'Compare and trust key',
  close: 'Close',
  short: (given: number, of: number, unit: Unit) => `${given} of ${of} ${units[unit]} entered.`,
  shortDigits: 'Enter all 64 digits, or the first 32.',
  differs: (positions: number[], unit: Unit) =>
    positions.length <= 2
      ? `${differing(positions, unit)} match the key that signed these media. Ask for the fingerprint again.`
      : `These media were signed with a different key (${positions.length} ${units[unit]} differ). Do not use them until you know why.`,

  overrideTitle: 'Media without a trusted key',
  overrideHow:
    'Sealift cannot verify who made these media. Your reason is recorded with this import and in the report for the security officer.',
  reason: 'Reason',
  reasonShort: 'Enter at least 3 letters.',
  overrideNow: 'Use media anyway',
  allowOlder: 'Allow the older bundle',

  stored: 'Imported so far',
  origin: 'Bundle',
  contents: 'Contents',
  kind: 'Kind',
  kinds: { image: 'image', model: 'model', files: 'files' },
  name: 'Name',
  size: 'Size',
  where: 'Location',
  target: 'Written to',
  here: 'already imported',
  partlyHere: (amount: string) => `${amount} already imported`,
  from: (ordinals: readonly number[], count: number) =>
    count === 1
      ? `on medium ${ordinals[0]}`
      : `on media ${ordinals.join(', ')}${count > ordinals.length ? ` and ${count - ordinals.length} more` : ''}`,
  fromUnknown: 'on a medium that is not connected',
  leftOut: 'left out',
  licence: 'Licence',
  noHead:
    'The list of the whole bundle is on its last medium. Until you connect that one, you see only what these media list.',

  compareWith: {
    title: 'What changes',
    about: 'Compare this bundle with an earlier one, or with what a site has.',
    before: 'Earlier bundle, or inventory of a site',
    beforeHow: 'Its bundle.json, one of its media, or the file that "sealift inventory" wrote.',
    compare: 'Compare bundles',
    inventory: 'the inventory',
    since: (name: string, when: string, amount: string) => `Since ${name} (${when}): ${amount} of new data.`,
    change: { added: 'added', changed: 'changed', same: 'unchanged', removed: 'not in this bundle' },
    columns: { change: 'Change', carry: 'New data' },
  },

  spaceTitle: 'Space',
  filesystem: 'Filesystem',
  uses: { store: 'store', engine: 'container engine' },
  needs: 'Needed (with reserve)',
  has: 'Free now',
  after: 'Free after import',
  atMost: 'up to',
  tooLittle: (amount: string) => `${amount} short`,

  parts: 'Files',
  partsWhat: (cell: string) => `Each square is one file, or up to ${cell} of a larger one.`,
  more: (shown: number, all: number) => `Showing the largest ${shown} of ${all} files.`,
  cell: { todo: 'not read', working: 'being read', done: 'imported', bad: 'damaged' },
  cellVerify: { todo: 'not read', working: 'being read', done: 'verified', bad: 'damaged' },
  cellName: (path: string, content: string | undefined, from: string, to: string) =>
    `${content ? `${content}: ` : ''}${path}, bytes ${from} to ${to}`,

  verify: 'Verify media',
  verifying: 'Verifying…',
  import: (amount: string | 0) => (amount === 0 ? 'Finish import' : `Import ${amount}`),
  importNothing: 'Import bundle',
  importing: 'Importing…',
  complete: 'This bundle is fully imported.',
  mediaMissing: 'The rest of the bundle is on media that are not connected.',
  readOnly: 'Another Sealift instance is using this data folder. Import there, or close it first.',
  busy: 'An import or verification is running.',
  mustConnect: 'Connect or select a medium, or add a folder first.',
  mustTrust: 'Check the fingerprint first.',
  mustGiveReason: 'These media are not signed. To use them, give a reason first.',
  mustCopy: 'Files are damaged. Copy them to the medium again before you import.',

  please: (names: string) => `Insert ${names}`,
  pleaseMedium: (ordinal: number) => `medium ${ordinal}`,
  pleaseLast: 'the last medium',
  pleaseLabels: (labels: string) => `Label: ${labels}`,
  pleaseHow:
    'Everything on the other media is imported. Insert and mount the medium. The import continues automatically.',
  pleaseHowIdle: 'Everything on the other media is imported. Insert and mount the medium, then start the import.',
  brought: (here: string, all: string) => `${here} of ${all} imported.`,
  stopWaiting: "Don't continue automatically",

  verified: (files: number, when: string) =>
    files === 1
      ? `The only file matches the signature. Verified ${when}.`
      : `All ${files} files match the signature. Verified ${when}.`,
  verifiedUntrusted: (files: number, when: string) =>
    files === 1
      ? `The only file matches the signature, but its key is not trusted. Verified ${when}.`
      : `All ${files} files match the signature, but its key is not trusted. Verified ${when}.`,
  verifiedUnsigned: (files: number, when: string) =>
    files === 1
      ? `The only file matches the list on the media, but that list is not signed. Verified ${when}.`
      : `All ${files} files match the list on the media, but that list is not signed. Verified ${when}.`,
  verifiedAt: (when: string) => `Verified ${when}`,
  incomplete: 'The connected media match the signature. The bundle is incomplete.',
  damaged: (count: number, areBlocks: boolean) => {
    const what = areBlocks ? 'damaged block' : 'damaged place';
    return count === 1 ? `1 ${what}` : `${count} ${what}s`;
  },
  damageColumns: { medium: 'Medium', file: 'File', damage: 'Damage' },
  inBlock: (block: number, size: string, isFirst: boolean) =>
    ` in block ${block} (${isFirst ? `first ${size}` : size})`,
  damageKind: {
    block: 'Content differs',
    truncated: 'File too short',
    'too-long': 'File too long',
    unreadable: 'Unreadable',
    'missing-file': 'Missing',
    'missing-medium': 'Medium not connected',
    'missing-head': 'List of the whole bundle missing',
    'not-a-file': 'Not a regular file',
    digest: 'Digest of the whole file differs',
  },
  done: (name: string, ms: number) => `Imported ${name} in ${Math.max(1, Math.round(ms / 1000))} s`,
  failedAt: (time: string) => `Import started ${time}`,
});

function differing(positions: readonly number[], unit: Unit): string {
  const one = unit === 'words' ? 'Word' : 'Digit';
  return positions.length === 1 ? `${one} ${positions[0]} does not` : `${one}s ${positions.join(' and ')} do not`;
}
