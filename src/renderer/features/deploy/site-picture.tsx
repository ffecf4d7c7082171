import type { SiteFile } from '../../../shared/site-file.ts';
import { deployText as text } from '../../text/deploy.ts';
import { RequestPath } from '../../ui/request-path.tsx';

/** Shows the path of a request as boxes: GitLab, AI Gateway, front and model server, each with its address. */
export function SitePicture({ site }: { site: SiteFile }) {
  const { gitlab, gateway, front, model } = site;
  const stations = [
    { name: text.picture.gitlab, lines: [gitlab.url, gitlab.version], isSimulated: gitlab.simulated },
    {
      name: text.picture.gateway,
      lines: [
        `${gateway.url ?? `${gateway.host}:${gateway.httpPort}`}, gRPC ${gateway.grpcPort}`,
        text.gatewayKinds[gateway.kind],
      ],
      isSimulated: gateway.kind === 'simulated',
    },
    { name: text.picture.front, lines: [`${front.host}:${front.port}`], isSimulated: false },
    {
      name: text.picture.model,
      lines: [model.servedName, model.endpoint ?? text.engines[model.engine]],
      isSimulated: false,
    },
  ];
  return <RequestPath label={text.pictureLabel} stations={stations} />;
}
