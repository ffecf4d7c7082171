import { scanText } from '../../../../shared/bundle-evidence.ts';
import { bytesText } from '../../../../shared/bytes-text.ts';
import { plainText } from '../../../../shared/plain-text.ts';
import { sbomFile } from '../format/format.ts';
import { installedOn, installerSteps } from './installer-steps.ts';
import {
  baseText,
  checkCommands,
  folderText,
  installCommands,
  licenceText,
  orderText,
  originLines,
  packedText,
  type StartHere,
  sameChecksum,
  trustCommand,
  wordRows,
} from './start-here.ts';

/** The same page for a terminal. */
export const startHereTextName = 'START-HERE.txt';
/** Contained in every such page, to recognise it. */
export const textMark = 'This text was written by Sealift.';

/** The page at the root of a medium as plain text. */
export function startHereText(facts: StartHere): string {
  const { bundle, label, ordinal, labels, contents, requirements } = facts;
  const lines = [
    label,
    `This is medium ${ordinal} of ${labels.length} of the Sealift bundle ${bundle.name}, packed ${packedText(facts)}.`,
    'It brings software and language models to a machine without internet.',
    ...(facts.base === undefined ? [] : [baseText(facts)]),
    ...(requirements.gitlab ? [`Made for GitLab ${requirements.gitlab}.`] : []),
    ...(requirements.note ? [requirements.note] : []),
    ...(facts.packages ? installLines(facts.allowedSigner, facts.packages) : []),
    '',
    'WHAT TO DO WITH IT',
    orderText(facts),
    'Ask the packer for the 16 words of their key by another way (telephone, paper), and type what they say on the machine that will',
    'use it, unless it trusts the key already. Never type the words that are written on this medium.',
    `  ${trustCommand}`,
    'Then check the medium and import it. FOLDER is where it appears.',
    '  sealift bundle verify FOLDER',
    '  sealift import FOLDER',
    ...(facts.lacks.length > 0 ? ['', 'WHAT THE MACHINE STILL NEEDS', ...facts.lacks.map((line) => `- ${line}`)] : []),
    '',
    'SIGNED WITH THE KEY',
    `  ${facts.fingerprint}`,
    ...wordRows(facts.words).map((row) => `  ${row}`),
    'A fingerprint that is written on this medium proves nothing by itself.',
    '',
    'CHECK IT WITHOUT SEALIFT',
    'These lines check every file that the packer wrote to this medium, but not what was added later. The third prints the fingerprint',
    "of the packer's key: compare it with the one that you got by another way.",
    ...checkCommands(facts.allowedSigner).map((line) => `  ${line}`),
    '',
    'WHAT THE BUNDLE BRINGS',
    ...contents.map((one) => `  ${one.kind.padEnd(6)} ${one.name}, ${bytesText(one.totalBytes)}, ${licenceText(one)}`),
    `${sbomFile} lists it for tools, with all files, in SPDX 2.3.`,
    '',
    'WHERE IT COMES FROM',
    ...contents.flatMap((one) => originLines(one)).map((line) => `  ${line}`),
    '',
    ...(facts.scan
      ? [
          'SCANNED BEFORE IT WAS SIGNED',
          `${scanText(facts.scan)} It printed last:`,
          ...facts.scan.output.map((line) => `  ${line}`),
          '',
        ]
      : []),
    `All media: ${labels.join(', ')}. Bundle ${bundle.id}.`,
    '',
    textMark,
    '',
  ];
  return plainText(lines.join('\n'));
}

function installLines(allowedSigner: string, packages: string[]): string[] {
  const { verify, install } = installCommands(allowedSigner);
  const linux = installedOn(packages);
  return [
    '',
    'INSTALL SEALIFT',
    folderText,
    ...(linux
      ? [
          `For Linux on ${linux}, in a browser and a terminal, for you (run by root: for all users), type this line:`,
          `  ${install}`,
        ]
      : []),
    'To check first who packed it, type these lines. The third prints the fingerprint of the key: compare it with the one that',
    'you got from the packer by another way. A host in FIPS mode may refuse this kind of key; then only the last line works,',
    'which checks the files against their list but not who made it.',
    ...verify.map((line) => `  ${line}`),
    ...installerSteps(packages).flatMap(({ whom, lines }) => [
      `For ${whom}, type these lines.`,
      sameChecksum,
      ...lines.map((line) => `  ${line}`),
    ]),
  ];
}
