import type { Diagnosis, probe } from '../../../shared/contract/probe.ts';
import type { ParsedInputOf } from '../../../shared/rpc/contract.ts';
import { type Part, readPart } from '../files/read-part.ts';
import { cleanText } from './clean-text.ts';
import { diagnose, matchingCauses } from './diagnose.ts';
import type { DiagnosisCatalog } from './diagnosis-catalog.ts';
import { fitRemediesAnywhere } from './fit-remedies.ts';
import { givenSymptom } from './given-symptom.ts';

type Given = ParsedInputOf<typeof probe.diagnose>;

const maxBodyBytes = 1024 * 1024;
const maxLogBytes = 8 * 1024 * 1024;

/**
 * Matches what a person has of a failure against the catalogue. Of a long body the start counts, of a long log the end. Nothing is said
 * about an answer that did not fail and matches no row. Throws `file.missing`, `file.denied`.
 */
export async function diagnoseGiven({ status, body, log }: Given, catalog: DiagnosisCatalog): Promise<Diagnosis> {
  const { symptom, error } = givenSymptom({
    status,
    body: await read(body, maxBodyBytes, 'start', 'The body'),
    log: await read(log, maxLogBytes, 'end', 'The log'),
  });
  const found = error === undefined ? matchingCauses(catalog, symptom) : diagnose(catalog, symptom);
  const causes = found.map((cause) => ({
    ...cause,
    remedies: fitRemediesAnywhere(cause.remedies),
    evidence: [...cause.evidence, ...(error === undefined ? [] : [error])].map((line) => cleanText(line, [], 300)),
  }));
  return { causes };
}

async function read(given: Given['body'], limitBytes: number, part: Part, what: string): Promise<string | undefined> {
  if (given === undefined || 'text' in given) return given?.text;
  return readPart(given.path, limitBytes, part, what);
}
