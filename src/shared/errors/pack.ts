import { shellWord } from '../shell-word.ts';
import { command, spec, steps } from './define.ts';

/** Errors from packing a bundle. */
export const packErrors = {
  'pack.medium-in-use': spec<{ path: string }>({
    exitCode: 3,
    message: ({ path }) => `${path} already contains a Sealift bundle.`,
    remedies: ({ path }) => [
      steps(
        `Name another folder or medium with --to, or look at the existing bundle: sealift bundle inspect ${shellWord(path)}`,
        'If that bundle is no longer needed, run the same command with --overwrite: it removes only that bundle.',
      ),
    ],
  }),
  'pack.medium-busy': spec<{ path: string; pid: number }>({
    exitCode: 3,
    retryable: true,
    message: ({ path, pid }) => `Another run of Sealift (process ${pid}) is writing to ${path}.`,
    remedies: ({ pid }) => [
      steps(
        'Wait until it is done, or name another medium with --to.',
        `If no one needs its bundle, cancel it where it was started, or end process ${pid}. Then run the same command again.`,
      ),
    ],
  }),
  'pack.medium-taken': spec<{ path: string }>({
    exitCode: 3,
    message: ({ path }) => `Another run of Sealift has written to ${path} in the meantime.`,
    remedies: ({ path }) => [
      steps(
        `Let only one run write to a medium at a time. See what it contains now: sealift bundle inspect ${shellWord(path)}`,
        'Then pack to another medium, or run the same command with --overwrite to replace that bundle.',
      ),
    ],
  }),
  'pack.not-mounted': spec<{ path: string; exists: boolean }>({
    exitCode: 2,
    message: ({ path, exists }) =>
      `No medium is mounted at ${path}: that folder ${exists ? "is on this machine's own disk" : 'does not exist'}.`,
    remedies: () => [
      steps(
        'Plug the medium in, mount it, and name the folder where it is mounted. See: lsblk -o NAME,SIZE,LABEL,MOUNTPOINT',
        "Or, to write to this machine's own disk there, run the same command with --plain-folder.",
      ),
    ],
  }),
  'pack.size-unknown': spec<{ path: string }>({
    exitCode: 2,
    message: ({ path }) => `The filesystem of ${path} doesn't report how large it is, so packing can't be planned.`,
    remedies: ({ path }) => [
      steps(
        'Say how much may be written to each medium, such as --medium-size 28GiB.',
        `Or mount it with a driver that reports its size. See: df -h ${shellWord(path)}`,
      ),
    ],
  }),
  'pack.no-parent': spec<{ path: string; parent: string }>({
    exitCode: 2,
    message: ({ path, parent }) => `Cannot create ${path}: the folder ${parent} does not exist.`,
    remedies: ({ parent }) => [
      steps(
        `Check the path. If a medium should be mounted at ${parent}, plug it in and mount it first.`,
        `Or create the folder: mkdir -p ${shellWord(parent)}`,
      ),
    ],
  }),
  'pack.installers': spec<{ folder: string; problem: string }>({
    exitCode: 3,
    message: ({ folder, problem }) => `${folder} cannot be packed as Sealift's packages: ${problem}.`,
    remedies: ({ folder }) => [
      steps(
        `Build the packages again, in a clone of Sealift: npm run package -- --to ${shellWord(folder)}`,
        'Or remove the line installers from BUNDLE.yaml: the media then do not include Sealift.',
      ),
    ],
  }),
  'pack.foreign-folder': spec<{ path: string }>({
    exitCode: 3,
    message: ({ path }) => `${path} already exists and was not written by Sealift.`,
    remedies: ({ path }) => [
      steps(
        `Rename or move ${path} away, or name another folder with --to. Sealift never removes what it did not write.`,
      ),
    ],
  }),
  'pack.target-is-source': spec<{ target: string; source: string }>({
    exitCode: 2,
    message: ({ target, source }) => `Cannot pack to ${target}: it overlaps with the source ${source}.`,
    remedies: () => [steps('Name a folder on another medium with --to, outside every folder to be packed.')],
  }),
  'pack.unusable-weights': spec<{ path: string; reason: string }>({
    exitCode: 3,
    message: ({ path, reason }) => `Cannot use ${path}: ${reason}.`,
    remedies: ({ path }) => [
      steps(
        `On the connected machine, download ${path} again and let the download finish: hf download REPOSITORY --local-dir FOLDER, or git lfs pull in its folder.`,
        'Then compare its size with the size stated by the publisher, and pack again.',
      ),
    ],
  }),
  'pack.only-pickles': spec<{ repository: string; names: string[] }>({
    exitCode: 3,
    message: ({ repository, names }) =>
      `${repository} has weights only in a form that can run code when it is loaded (pickle): ${names.join(', ')}.`,
    remedies: ({ names }) => [
      steps(
        'Choose a repository that has the same model as safetensors or GGUF.',
        `If you trust its publisher, name the ending in BUNDLE.yaml: include: ["*", "*${names[0]?.slice(names[0].lastIndexOf('.')) ?? '.bin'}"]`,
      ),
    ],
  }),
  'pack.licence-unaccepted': spec<{ contents: string[]; names: string[]; spec: string; to: string[] }>({
    exitCode: 2,
    message: ({ contents }) =>
      `You have not confirmed that you may redistribute these contents: ${contents.join('; ')}.`,
    remedies: ({ names, spec: description, to }) => [
      steps(
        'Read the licence of each. If you may pass them on, run the same command in a terminal, which asks, or add --accept-licence NAME for each, as below. Keep the other options of your command.',
        'Otherwise remove from BUNDLE.yaml what you may not pass on.',
      ),
      command(
        'Accept them by name',
        [
          `sealift bundle pack ${shellWord(description)}`,
          ...to.map((folder) => `--to ${shellWord(folder)}`),
          ...names.map((name) => `--accept-licence ${shellWord(name)}`),
        ].join(' '),
      ),
    ],
  }),
  'pack.source-missing': spec<{ path: string }>({
    exitCode: 2,
    message: ({ path }) => `A source was not found: ${path}`,
    remedies: ({ path }) => [
      steps(
        `Check the path ${path} in BUNDLE.yaml. If it is on a medium, check that the medium is plugged in and mounted.`,
        'If it has to be created first, the comments at the top of BUNDLE.yaml say how.',
      ),
    ],
  }),
  'pack.nothing-there': spec<{ path: string }>({
    exitCode: 2,
    message: ({ path }) => `${path} contains no file to pack; names that start with a dot are skipped.`,
    remedies: ({ path }) => [
      steps(
        `Check that ${path} is the folder you meant in BUNDLE.yaml, and see what it contains: ls -la ${shellWord(path)}`,
      ),
    ],
  }),
  'pack.link-leaves': spec<{ path: string; target: string; root: string }>({
    exitCode: 3,
    message: ({ path, target, root }) => `${path} is a link to ${target}, outside ${root}.`,
    remedies: ({ path, root }) => [
      steps(
        `Replace the link ${path} with the file itself, or copy the folder with its links resolved: cp -rL ${shellWord(root)} COPY`,
      ),
    ],
  }),
  'pack.link-dangling': spec<{ path: string; target: string }>({
    exitCode: 3,
    message: ({ path, target }) => `${path} is a link, and the file that it points to is missing: ${target}.`,
    remedies: ({ path }) => [
      steps(
        'In a Hugging Face cache, the download was interrupted or only the links were copied: run it again, hf download REPOSITORY.',
        `To copy a folder with the files behind its links: cp -rL FOLDER COPY. If nothing needs it, remove the link: rm ${shellWord(path)}`,
      ),
    ],
  }),
  'pack.special-file': spec<{ path: string; type: string }>({
    exitCode: 3,
    message: ({ path, type }) => `${path} is a ${type}; only regular files can be packed.`,
    remedies: ({ path }) => [steps(`Remove ${path} from the folder, or list the files to pack one by one.`)],
  }),
  'pack.unfit-name': spec<{ path: string; reason: string }>({
    exitCode: 2,
    message: ({ path, reason }) => `Cannot pack the file name ${JSON.stringify(path)}: ${reason}.`,
    remedies: () => [steps('Rename the file, then pack again.')],
  }),
  'pack.source-changed': spec<{ path: string }>({
    exitCode: 4,
    retryable: true,
    message: ({ path }) => `${path} changed while it was being packed.`,
    remedies: ({ path }) => [
      steps(`Wait until nothing writes to ${path} any more (a download may still be running), then try again.`),
    ],
  }),
  'pack.source-damaged': spec<{ path: string; expected: string; found: string }>({
    exitCode: 4,
    message: ({ path, expected, found }) => `${path} is damaged: its digest is ${found} instead of ${expected}.`,
    remedies: ({ path }) => [
      steps(`Pull or save the image in ${path} again on the connected machine, then pack again.`),
    ],
  }),
  'pack.part-too-large': spec<{ path: string }>({
    exitCode: 3,
    message: ({ path }) => `The file is too large for the filesystem of ${path}.`,
    remedies: () => [
      steps(
        'Run the same command with a smaller --part-size, such as --part-size 1GiB, or format the medium with exFAT.',
      ),
    ],
  }),
  'pack.infected': spec<{ command: string; label: string; lines: string[] }>({
    exitCode: 3,
    message: ({ command, label, lines }) =>
      `${command} reported a finding on ${label} (exit code 1), so the bundle is not signed: ${lines.slice(-5).join(' · ')}`,
    remedies: ({ label }) => [
      steps(
        `Find out which content it is in, remove that from BUNDLE.yaml, and pack again. ${label} stays marked as unfinished and can't be imported.`,
        'If the scanner is wrong, correct its settings, then run the same command again: what has been written is kept.',
      ),
    ],
  }),
  'pack.scan-failed': spec<{ command: string; label: string; reason: string; lines: string[] }>({
    exitCode: 4,
    message: ({ command, label, reason, lines }) =>
      `${command} did not scan ${label} (${reason}), so the bundle is not signed. ${lines.slice(-3).join(' · ')}`.trim(),
    remedies: ({ command }) => [
      steps(
        `Run it by hand on the folder of the medium and look at what it prints: ${command} FOLDER`,
        'It must end with 0 if it reports nothing, and with 1 if it reports a finding. Then run the same command again: what has been written is kept.',
      ),
    ],
  }),
  'pack.unreadable-list': spec<{ issues: string[] }>({
    exitCode: 3,
    message: ({ issues }) =>
      `The table of contents of the bundle would be refused wherever it is opened, so it is not signed: ${issues.slice(0, 3).join('; ')}.`,
    remedies: () => [
      steps(
        'Correct the content named above, in BUNDLE.yaml or at its source, then run the same command again: what has been written is kept.',
      ),
    ],
  }),
  'pack.read-back-differs': spec<{ path: string; label: string; block: number }>({
    exitCode: 4,
    message: ({ path, label, block }) =>
      `Medium ${label} does not return what was written to it: ${path} differs in block ${block}.`,
    remedies: ({ label }) => [
      steps(
        `Do not use ${label}. Pack again with --overwrite in another port or reader.`,
        `If ${label} differs again, the medium is faulty: use another one.`,
      ),
    ],
  }),
};
