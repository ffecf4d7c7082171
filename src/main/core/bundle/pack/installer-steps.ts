/** Whom one of Sealift's packages is for, and the lines that check, install and start it. FOLDER is where the medium appears. */
export interface InstallerSteps {
  whom: string;
  lines: string[];
}

const app = 'FOLDER/sealift/app';
const windowsApp = 'FOLDER\\sealift\\app';
const processors: Record<string, string> = { x64: 'x86-64', amd64: 'x86-64', arm64: 'arm64' };

/** The packages that `npm run package` makes and `install.sh` does not install, by the form of their names. */
const kinds: { name: RegExp; steps(name: string, tree: string, processor: string): InstallerSteps[] }[] = [
  {
    name: /^(sealift)_\d.*_(amd64|arm64)[.]deb$/,
    steps: (name, _tree, processor) => [
      {
        whom: `Debian and Ubuntu on ${processor}, with a window, for all users (asks for root)`,
        lines: [...sums('sha256sum', name), `sudo dpkg -i ${app}/${name}`, 'sealift'],
      },
    ],
  },
  {
    name: /^(sealift-desktop-\d.*-linux-(x64|arm64))[.]tar[.]gz$/,
    steps: (name, tree, processor) => [
      {
        whom: `any Linux on ${processor}, with a window, for you alone`,
        lines: unpacked('sha256sum', name, `${tree}/resources/sealift/bin/sealift`),
      },
    ],
  },
  {
    name: /^(sealift-desktop-\d.*-win-(x64))[.]zip$/,
    steps: (name, tree, processor) => [
      {
        whom: `Windows on ${processor}, with a window, in PowerShell (the last line is for the command line)`,
        lines: [
          ...powerShellSums(name),
          `Expand-Archive ${windowsApp}\\${name} "$env:LOCALAPPDATA\\Sealift"`,
          `& "$env:LOCALAPPDATA\\Sealift\\${tree}\\Sealift.exe"`,
          `& "$env:LOCALAPPDATA\\Sealift\\${tree}\\resources\\sealift\\bin\\sealift.cmd" help`,
        ],
      },
    ],
  },
  {
    name: /^(sealift-\d.*-win-(x64))[.]tar[.]gz$/,
    steps: (name, tree, processor) => [
      {
        whom: `Windows on ${processor}, in a browser, in PowerShell`,
        lines: [
          ...powerShellSums(name),
          'mkdir -Force "$env:LOCALAPPDATA\\Sealift"',
          `tar -xf ${windowsApp}\\${name} -C "$env:LOCALAPPDATA\\Sealift"`,
          `& "$env:LOCALAPPDATA\\Sealift\\${tree}\\bin\\sealift.cmd"`,
        ],
      },
      {
        whom: `Windows on ${processor}, in a browser, in the command prompt`,
        lines: [
          `certutil -hashfile ${windowsApp}\\${name} SHA256`,
          `findstr ${name} ${windowsApp}\\SHA256SUMS`,
          'mkdir "%LOCALAPPDATA%\\Sealift"',
          `tar -xf ${windowsApp}\\${name} -C "%LOCALAPPDATA%\\Sealift"`,
          `"%LOCALAPPDATA%\\Sealift"\\${tree}\\bin\\sealift.cmd`,
        ],
      },
    ],
  },
  {
    name: /^(sealift-\d.*-darwin-(x64|arm64))[.]tar[.]gz$/,
    steps: (name, tree, processor) => [
      {
        whom: `macOS on ${processor}, in a browser`,
        lines: unpacked('shasum -a 256', name, `${tree}/bin/sealift`),
      },
    ],
  },
];

/** How each package on a medium is installed where `install.sh` does not do it. */
export function installerSteps(packages: string[]): InstallerSteps[] {
  return kinds.flatMap((kind) =>
    packages.flatMap((name) => {
      const [, tree, cpu] = kind.name.exec(name) ?? [];
      return tree === undefined || cpu === undefined ? [] : kind.steps(name, tree, processors[cpu] ?? cpu);
    }),
  );
}

/** The processors for which `install.sh` finds a package next to it, in words; empty where it finds none. */
export function installedOn(packages: string[]): string {
  const found = packages.flatMap((name) => /^sealift-\d.*-linux-(x64|arm64)[.]tar[.]gz$/.exec(name)?.[1] ?? []);
  return [...new Set(found)].map((cpu) => processors[cpu] ?? cpu).join(' and ');
}

/** Two lines that show the same checksum. */
function sums(program: string, name: string): string[] {
  return [`${program} ${app}/${name}`, `grep ${name} ${app}/SHA256SUMS`];
}

function powerShellSums(name: string): string[] {
  return [`Get-FileHash ${windowsApp}\\${name}`, `Select-String ${name} ${windowsApp}\\SHA256SUMS`];
}

function unpacked(program: string, name: string, started: string): string[] {
  return [...sums(program, name), 'mkdir -p ~/sealift', `tar -xzf ${app}/${name} -C ~/sealift`, `~/sealift/${started}`];
}
