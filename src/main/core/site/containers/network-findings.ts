import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { type NetworkState, networkState, volumeState } from '../../engine/networks-and-volumes.ts';
import type { ContainerPlan } from './plan-containers.ts';

/** Reports problems with the networks and volumes of a deployed site. */
export async function networkFindings(
  { engine, mark, networks, volumes }: Pick<ContainerPlan, 'engine' | 'mark' | 'networks' | 'volumes'>,
  site: string,
): Promise<Finding[]> {
  const ofNetworks = networks.map(async (network) => {
    const state = await networkState(engine, network);
    const change = network.internal
      ? 'it has internet access or another address range'
      : 'its kind or its address range';
    return finding(site, `network ${network.name}`, state, change);
  });
  const ofVolumes = volumes.map(async (volume) =>
    finding(site, `volume ${volume}`, await volumeState(engine, mark, volume)),
  );
  return (await Promise.all([...ofNetworks, ...ofVolumes])).flat();
}

function finding(site: string, what: string, found: NetworkState, change = ''): Finding[] {
  const state = typeof found === 'object' ? 'foreign' : found;
  const titles = {
    absent: `the ${what} is missing`,
    different: `the ${what} was changed: ${change}`,
    foreign: `the ${what} does not belong to this site: another one has its name`,
  };
  if (state === 'as-wanted') return [];
  const remedy =
    state === 'foreign'
      ? steps(`Rename or remove that ${what} yourself, then deploy again (sealift deploy SITE.yaml).`)
      : steps('Deploy again (sealift deploy SITE.yaml). Parts that are correct stay as they are.');
  return [
    {
      id: `site.${what.split(' ')[0]}-${state}`,
      severity: 'red',
      title: `${site}: ${titles[state]}`,
      remedies: [remedy],
    },
  ];
}
