import { shellWord } from '../shell-word.ts';
import { command, spec, steps } from './define.ts';

const wholeCommand = (name: string) =>
  command('See the whole command, then type it in a terminal as root', `sealift packages install ${name}`);

/** Errors from installing packages that a bundle brought. */
export const packagesErrors = {
  'packages.unknown': spec<{ name: string; known: string[] }>({
    exitCode: 2,
    message: ({ name, known }) =>
      `The store has no packages named ${name}; it has: ${known.join(', ') || 'none'}. Only file sets with \`provides\` in BUNDLE.yaml count.`,
    remedies: () => [
      command('See which packages are in the store', 'sealift packages'),
      steps('Import the bundle that brings them: sealift import DIR'),
    ],
  }),
  'packages.other-system': spec<{ name: string; wanted: string; here: string }>({
    exitCode: 3,
    message: ({ name, wanted, here }) => `The packages ${name} are for ${wanted}, and this machine is ${here}.`,
    remedies: ({ here }) => [
      steps(
        `Ask the packing side for packages for ${here}.`,
        'If this distribution is based on that one and accepts its packages, install them by hand from their folder: sealift packages',
      ),
    ],
  }),
  'packages.none': spec<{ name: string; folder: string }>({
    exitCode: 3,
    message: ({ name, folder }) => `The file set ${name} contains no .deb or .rpm package: ${folder}.`,
    remedies: ({ folder }) => [
      steps(
        `Look at what it contains: ls -la ${shellWord(folder)}`,
        'Install it by hand as its publisher describes, or ask the packing side for packages of this distribution.',
      ),
    ],
  }),
  'packages.damaged': spec<{ name: string; path: string }>({
    exitCode: 3,
    message: ({ name, path }) => `${path} is not the file that was imported with ${name}.`,
    remedies: ({ path }) => [
      steps(`Remove it: rm -f ${shellWord(path)}`, 'Then import again from the same media: sealift import DIR'),
    ],
  }),
  'packages.needs-root': spec<{ name: string; command?: string }>({
    exitCode: 3,
    message: () => 'Only root can install packages, and Sealift cannot ask for root here.',
    remedies: ({ name, command: line }) => [
      line === undefined ? wholeCommand(name) : steps(`In a terminal, as root: ${line}`),
    ],
  }),
  'packages.failed': spec<{ name: string; command?: string; output: string }>({
    exitCode: 4,
    message: ({ name, output }) => `The packages ${name} were not installed: ${output}`,
    remedies: ({ name, command: line }) => [
      steps(
        'If it names packages that are missing or in conflict, ask the packing side for these too, for the same release of the distribution.',
        ...(line === undefined ? [] : [`To see all that it prints: ${line}`]),
      ),
      ...(line === undefined ? [wholeCommand(name)] : []),
    ],
  }),
};
