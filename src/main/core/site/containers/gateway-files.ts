import { appError } from '../../../../shared/errors/app-error.ts';
import type { SiteFile } from '../../../../shared/site-file.ts';
import { readNamed } from '../../files/read-bounded.ts';
import { readPart } from '../../files/read-part.ts';
import { gatewayFiles } from '../../gitlab/gateway-value.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import { gatewayTls } from '../../sites/site-tls.ts';
import { siteAuthorities } from '../../sites/site-trust.ts';
import { type ContainerFile, containerFile } from './container-file.ts';

/** The files that the gateway's container reads, each with its place inside. */
export interface GatewayFiles {
  files: (ContainerFile & { target: string })[];
  /** What this machine trusts when it asks the gateway, as PEM. Default: the public authorities. */
  ca?: string | undefined;
}

/** Reads the certificates that the site file names, and looks at its index. Throws `site.certificate-file`, `site.docs-index`, file errors. */
export async function readGatewayFiles(site: SiteFile, paths: SitePaths): Promise<GatewayFiles> {
  const ca = await siteAuthorities(site);
  const tls = await gatewayTls(site);
  await requireIndex(site.gateway.docsIndex);
  const file = (title: string, name: string, content: string, target: string) => ({
    ...containerFile(paths, title, name, content),
    target,
  });
  const { caBundle, tlsCertificate, tlsKey, googleCredentials } = gatewayFiles;
  const google = await googleAccount(site.gateway.google?.credentialsFile);
  return {
    ca,
    files: [
      ...(ca === undefined
        ? []
        : [file('Certificate authorities for the gateway', 'ca-certificates.crt', ca, caBundle)]),
      ...(tls
        ? [
            file("The gateway's certificate", 'tls.crt', tls.certificate, tlsCertificate),
            // Readable by the user of the container, which has another number than ours.
            file("The gateway's private key", 'tls.key', tls.key, tlsKey),
          ]
        : []),
      ...(google === undefined
        ? []
        : [file("The gateway's account at Google", 'google-credentials.json', google, googleCredentials)]),
    ],
  };
}

async function googleAccount(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  return (await readNamed(path, credentialsLimitBytes, 'The credentials for Google Vertex AI')).toString('utf8');
}

const credentialsLimitBytes = 64 * 1024;

/** An engine makes a folder of what is missing, and a gateway with another file than an index answers no question about GitLab. */
async function requireIndex(path: string | undefined): Promise<void> {
  if (path === undefined) return;
  const start = await readPart(path, sqliteMark.length, 'start', "The index of GitLab's documentation");
  if (start !== sqliteMark) throw appError('site.docs-index', { path });
}

// https://www.sqlite.org/fileformat.html: the first 16 bytes, the last of them a zero.
const sqliteMark = 'SQLite format 3';
