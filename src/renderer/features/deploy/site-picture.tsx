import type { SiteFile } from '../../../shared/site-file.ts';
import { deployText as text } from '../../text/deploy.ts';
import { TrustBadge } from '../../ui/trust-badge.tsx';

/** Shows the path of a request as boxes: GitLab, AI Gateway, front and model server, each with its address. */
export function SitePicture({ site }: { site: SiteFile }) {
  const { gitlab, gateway, front, model } = site;
  const boxes = [
    { name: text.picture.gitlab, lines: [gitlab.url, gitlab.version], simulated: gitlab.simulated },
    {
      name: text.picture.gateway,
      lines: [
        `${gateway.url ?? `${gateway.host}:${gateway.httpPort}`}, gRPC ${gateway.grpcPort}`,
        text.gatewayKinds[gateway.kind],
      ],
      simulated: gateway.kind === 'simulated',
    },
    { name: text.picture.front, lines: [`${front.host}:${front.port}`], simulated: false },
    {
      name: text.picture.model,
      lines: [model.servedName, model.endpoint ?? text.engines[model.engine]],
      simulated: false,
    },
  ];
  return (
    <ol className="sl-picture" aria-label={text.pictureLabel}>
      {boxes.map((box) => (
        <li key={box.name} className="sl-box">
          <strong>{box.name}</strong> {box.simulated && <TrustBadge mark="simulated" />}
          {box.lines.map((line) => (
            <div key={line} className="sl-box-line">
              {line}
            </div>
          ))}
        </li>
      ))}
    </ol>
  );
}
