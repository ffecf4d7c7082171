import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../src/main/core/rehearse/free-ports.ts';
import type { MadeCertificate } from './certificates.ts';

// bcrypt of the password below, with the least rounds.
const passwordHash = '$2b$04$abcdefghijklmnopqrstuuV3duMsC0HpUex6N9qapiuOHHWkwRXVm';

/** Debian's docker-registry on 127.0.0.1 with TLS and a password. */
export class OwnRegistry {
  readonly user = 'packer';
  readonly password = 'hunter2';
  readonly host: string;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(folder: string, host: string, process: ChildProcess) {
    this.#folder = folder;
    this.host = host;
    this.#process = process;
  }

  /** Starts it with its files in a folder. Needs docker-registry. `isReadOnly`: it takes nothing. Without `tls`, it speaks plain HTTP. */
  static async start(
    folder: string,
    { key, cert }: MadeCertificate,
    { isReadOnly = false, tls = true }: { isReadOnly?: boolean; tls?: boolean } = {},
  ): Promise<OwnRegistry> {
    const [port] = await freePorts(1);
    const at = (name: string) => join(folder, name);
    await writeFile(at('registry.key'), key);
    await writeFile(at('registry.pem'), cert);
    await writeFile(at('htpasswd'), `packer:${passwordHash}\n`);
    const config = {
      version: 0.1,
      log: { level: 'error' },
      storage: {
        filesystem: { rootdirectory: at('registry') },
        maintenance: { readonly: { enabled: isReadOnly } },
      },
      auth: { htpasswd: { realm: 'own', path: at('htpasswd') } },
      http: {
        addr: `127.0.0.1:${port}`,
        ...(tls && { tls: { certificate: at('registry.pem'), key: at('registry.key') } }),
      },
    };
    // JSON is YAML.
    await writeFile(at('registry.yml'), JSON.stringify(config));
    const child = spawn('docker-registry', ['serve', at('registry.yml')], { stdio: 'ignore' });
    while (child.exitCode === null && !(await answers(Number(port)))) await sleep(20);
    return new OwnRegistry(folder, `127.0.0.1:${port}`, child);
  }

  /** Pushes an image from an OCI layout with skopeo. */
  push(layout: string, name: string): void {
    const to = ['--dest-tls-verify=false', '--dest-creds', `${this.user}:${this.password}`];
    const args = [
      '--insecure-policy',
      'copy',
      '--all',
      '--preserve-digests',
      ...to,
      `oci:${layout}`,
      `docker://${this.host}/${name}`,
    ];
    execFileSync('skopeo', args, { stdio: 'pipe', env: { ...process.env, HOME: this.#folder } });
  }

  /** Pulls an image or artifact by digest with skopeo, into a folder with `manifest.json` and a file per blob. */
  pull(name: string, digest: string, to: string): void {
    const from = ['--src-tls-verify=false', '--src-creds', `${this.user}:${this.password}`];
    const args = [
      '--insecure-policy',
      'copy',
      '--preserve-digests',
      ...from,
      `docker://${this.host}/${name}@${digest}`,
      `dir:${to}`,
    ];
    execFileSync('skopeo', args, { stdio: 'pipe', env: { ...process.env, HOME: this.#folder } });
  }

  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill();
    await ended;
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
