import { join } from 'node:path';
import { frontedSites } from '../../../shared/model-sites.ts';
import { shellWord } from '../../../shared/shell-word.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { isWithin, parseGitlabVersion } from '../catalog/gitlab-version.ts';
import { modelNames, siteEndpoints } from '../sites/site-endpoints.ts';
import { type SitePaths, secretFiles } from '../sites/site-paths.ts';

const own = 'gitlab-aigw';
const other = `${own}-script`;
/** The families that the script of 18.0 and later can ask a model as. */
const scriptFamilies = ['mistral', 'mixtral', 'gpt', 'llama3'];

/**
 * Returns the lines for bash on the machine of a gateway that Sealift did not make, in Docker under GitLab's usual name: a second container
 * with the configuration of the first, which alone asks nobody for a token, and is removed in the end.
 */
export function commandsByHand(site: SiteFile, paths: SitePaths): string[] {
  const { modelEndpoint = '<endpoint>' } = siteEndpoints(site);
  const isEarly = isWithin(parseGitlabVersion(site.gitlab.version), { to: '17.11' });
  const scripts = frontedSites(site).map((one) => {
    const family = one.model.family.toLowerCase();
    const words = isEarly
      ? [...'poetry run python scripts/troubleshoot_selfhosted_installation.py --model-name'.split(' '), family]
      : [
          ...'poetry run troubleshoot --endpoint 127.0.0.1:5052 --model-family'.split(' '),
          scriptFamilies.includes(family) ? family : 'mistral',
          '--model-identifier',
          modelNames(one).identifier,
        ];
    const line = ['docker', 'exec', other, ...words, '--model-endpoint', modelEndpoint].map(shellWord).join(' ');
    return isEarly ? line : `${line} --api-key "$key"`;
  });
  return [
    `# In bash, as a user who may use Docker. Change ${own} where the gateway's container has another name.`,
    '# Not for one with --network host: both would take port 5052.',
    `docker rm --force ${other} 2>/dev/null || true`,
    `mapfile -d '' -t variables < <(docker exec ${own} env -0)`,
    // By their names alone: its keys among them, and everybody on the machine can read the arguments of a process.
    '(options=()',
    `for one in "\${variables[@]}"; do case \${one%%=*} in PATH | HOME | LD_* | DOCKER_* | *_PROXY | *_proxy) ;; *) export "$one"; one=\${one%%=*} ;; esac; options+=("--env=$one"); done`,
    `docker run --detach --name ${other} --network "$(docker inspect --format '{{.HostConfig.NetworkMode}}' ${own})" --volumes-from ${own} "\${options[@]}" --env AIGW_AUTH__BYPASS_EXTERNAL=true --env AIGW_FASTAPI__API_HOST=127.0.0.1 --env AIGW_FASTAPI__TLS__ENABLED=false --env DUO_WORKFLOW_TLS__ENABLED=false --entrypoint timeout "$(docker inspect --format '{{.Image}}' ${own})" 900 ./scripts/run.sh)`,
    `timeout 300 sh -c 'until docker exec ${other} curl -sf http://127.0.0.1:5052/monitoring/healthz; do sleep 2; done'`,
    ...(isEarly ? [] : [`read -rsp 'Key: ' key   # the content of ${join(paths.secrets, secretFiles.frontApiKey)}`]),
    ...scripts,
    `docker rm --force ${other}`,
  ];
}
