import type { ChainNode } from '../../ui/chain-nodes.ts';
import type { StationId, StationNote } from '../../ui/stations.ts';

const stations: readonly StationId[] = ['gitlab', 'gateway', 'front', 'model'];

/* The first hop asks the model through the front, so its failure points to both. */
function stationsOf(hop: string): readonly StationId[] {
  if (hop.startsWith('gitlab-')) return ['gitlab'];
  return hop.startsWith('gateway-') ? ['gateway'] : ['front', 'model'];
}

/** Returns the mark of each station by the hops that reached it. One that no hop reached is still to be asked. */
export function stationNotes(nodes: readonly ChainNode[]): Record<StationId, StationNote> {
  const markOf = (station: StationId): StationNote['mark'] => {
    const states = nodes.filter((one) => stationsOf(one.hop).includes(station)).map((one) => one.state);
    if (states.includes('failed')) return 'look';
    if (states.includes('asking')) return 'working';
    return states.includes('answered') ? 'done' : 'todo';
  };
  const noteOf = (station: StationId): StationNote => {
    const line = figuresOf(nodes, station);
    return { mark: markOf(station), ...(line !== undefined && { line }) };
  };
  return Object.fromEntries(stations.map((one) => [one, noteOf(one)])) as Record<StationId, StationNote>;
}

/** What the last request to a station came to. The one to the model passes the front, and is said of the model only. */
function figuresOf(nodes: readonly ChainNode[], station: StationId): string | undefined {
  const result = nodes.findLast((one) => one.result !== undefined && stationsOf(one.hop).at(-1) === station)?.result;
  if (!result || result.status === null || result.latencyMs === null) return undefined;
  return `HTTP ${result.status} · ${Math.round(result.latencyMs)} ms`;
}
