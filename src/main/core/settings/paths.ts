import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where everything is in Sealift's data folder. */
export interface HomePaths {
  home: string;
  /** Signing keys, mode 0700. */
  keys: string;
  /** Trusted public keys. */
  trust: string;
  /** Content-addressed store: `blobs/sha256/<hex>`, `models/<id>/`, `files/<id>/`, `ledgers/`. */
  store: string;
  /** Unpacked packages of llama.cpp for GPUs, by the digest of what they were unpacked from. */
  llamacpp: string;
  /** One folder per site. */
  sites: string;
  /** Job journals. */
  jobs: string;
  /** Links and sessions of `sealift serve`, mode 0700. */
  serve: string;
  /** Profile of the window's browser engine, mode 0700. */
  window: string;
  /** The API key of `sealift model-server`, mode 0600. */
  modelServerKey: string;
  lock: string;
  /** The wizard's answers (`answers.json`), and the site file that it wrote. */
  wizard: string;
  /** `BUNDLE.yaml` files written by a form: `<name>.bundle.yaml`. */
  bundles: string;
  /** Records and ledgers of interrupted packs. */
  packs: string;
  /** Uploads that a registry keeps for interrupted pushes. */
  pushes: string;
  /** Reports, one folder per site. */
  reports: string;
}

/** Returns the layout of a data folder. */
export function homePaths(home: string): HomePaths {
  return {
    home,
    keys: join(home, 'keys'),
    trust: join(home, 'trust.json'),
    store: join(home, 'store'),
    llamacpp: join(home, 'llamacpp'),
    sites: join(home, 'sites'),
    jobs: join(home, 'jobs'),
    serve: join(home, 'serve'),
    window: join(home, 'window'),
    modelServerKey: join(home, 'model-server-key'),
    lock: join(home, 'lock'),
    wizard: join(home, 'wizard'),
    bundles: join(home, 'bundles'),
    packs: join(home, 'packs'),
    pushes: join(home, 'pushes'),
    reports: join(home, 'reports'),
  };
}

/** Returns the default data folder: `SEALIFT_HOME`, otherwise the platform's folder for application data. */
export function defaultHome(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  if (env.SEALIFT_HOME) return env.SEALIFT_HOME;
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'Sealift');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Sealift');
  return join(env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'sealift');
}
