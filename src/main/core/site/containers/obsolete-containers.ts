import { AppError } from '../../../../shared/errors/app-error.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { connectEngine, type Engine } from '../../engine/connect-engine.ts';
import { labelKeys, type SiteMark, siteFilter } from '../../engine/labels.ts';

/** A container of an earlier deployment that the site no longer needs. */
export interface ObsoleteContainer {
  engine: Engine;
  id: string;
  name: string;
}

/**
 * Finds containers that earlier deployments of a site left: in its engine those of parts that it no longer has, in engines that
 * it no longer uses all of them. Such an engine that does not answer becomes an amber finding.
 */
export async function obsoleteContainers(
  engine: Engine,
  mark: SiteMark,
  wantedParts: string[],
  usedEngines: string[],
): Promise<{ obsolete: ObsoleteContainer[]; findings: Finding[] }> {
  const here = await containersOf(engine, mark);
  const obsolete = here.filter((one) => !wantedParts.includes(one.part));
  const findings: Finding[] = [];
  for (const address of usedEngines.filter((one) => one !== engine.address)) {
    try {
      const found = await containersOf(await connectEngine(address), mark);
      // Two addresses may reach the same engine.
      obsolete.push(...found.filter((one) => !here.some((other) => other.id === one.id)));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      findings.push(awayFinding(mark.site, address, error));
    }
  }
  return { obsolete, findings };
}

async function containersOf(engine: Engine, mark: SiteMark): Promise<(ObsoleteContainer & { part: string })[]> {
  const found = await engine.docker.listContainers({ all: true, filters: siteFilter(mark) });
  return found.map((one) => ({
    engine,
    id: one.Id,
    name: (one.Names[0] ?? one.Id).replace(/^\//, ''),
    part: one.Labels[labelKeys.part] ?? '',
  }));
}

function awayFinding(site: string, address: string, { wire }: AppError): Finding {
  return {
    id: 'site.engine-away',
    severity: 'amber',
    title: `${site}: containers of an earlier deployment may still run in the engine at ${address}`,
    consequence: 'Sealift cannot stop or remove them while that engine does not answer; uninstall tries again.',
    howWeKnow: wire.message,
    remedies: wire.remedies,
  };
}
