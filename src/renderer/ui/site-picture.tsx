import { cloudOf } from '../../shared/cloud-platforms.ts';
import { frontedSites, modelSites } from '../../shared/model-sites.ts';
import type { SiteFile, SiteModel } from '../../shared/site-file.ts';
import { appText } from '../text/app.ts';
import { deployText as text } from '../text/deploy.ts';
import { RequestPath } from './request-path.tsx';
import type { StationId, StationNote } from './stations.ts';

/** Shows the path of a request as boxes: GitLab, AI Gateway, front and model server, each with its address and what is known about it. */
export function SitePicture(props: { site: SiteFile; notes?: Partial<Record<StationId, StationNote | undefined>> }) {
  const { site, notes = {} } = props;
  const { gitlab, gateway, front } = site;
  const station = (id: StationId, lines: readonly string[], isSimulated = false) => {
    const { mark, line } = notes[id] ?? {};
    return { name: text.picture[id], lines: line ? [...lines, line] : lines, isSimulated, ...(mark && { mark }) };
  };
  const gatewayAddress = gateway.url ?? `${gateway.host}:${gateway.httpPort}`;
  return (
    <RequestPath
      label={text.pictureLabel}
      stations={[
        station('gitlab', [gitlab.url, gitlab.version], gitlab.simulated),
        station(
          'gateway',
          [`${gatewayAddress}, gRPC ${gateway.grpcPort}`, text.gatewayKinds[gateway.kind]],
          gateway.kind === 'simulated',
        ),
        // The gateway asks platforms on the internet itself.
        ...(frontedSites(site).length > 0 ? [station('front', [`${front.host}:${front.port}`])] : []),
        station(
          'model',
          modelSites(site).flatMap(({ model, part }) => {
            const lines = [model.servedName, placeOf(model)];
            return part === undefined ? lines : [lines.join(', ')];
          }),
        ),
      ]}
    />
  );
}

function placeOf(model: SiteModel): string {
  const platform = cloudOf(model);
  if (platform) return `${platform.title}: ${appText.leaves}`;
  return model.endpoint ?? text.engines[model.engine === 'cloud' ? 'external' : model.engine];
}
