import { STATUS_CODES } from 'node:http';

/** Statuses of services further along the way, as the service that answered reports them; null where it reports none. */
export interface ReportedStatus {
  model: number | null;
  gateway: number | null;
}

interface FailedAnswer {
  status: number | null;
  failure: string;
  text: string;
  log?: string;
}

const none: ReportedStatus = { model: null, gateway: null };

/**
 * Reads the statuses that a failed answer reports. The AI Gateway answers 421 when the model server failed, and its `detail` starts with
 * the model server's status ("404: Not Found"). GitLab's connection check quotes that detail, or says which code the gateway returned;
 * so do logs, which are read after the answer. Other numbers, such as ports and token counts, are never taken for a status.
 */
export function reportedStatus({ status, failure, text, log = '' }: FailedAnswer): ReportedStatus {
  const answer = answerStatus(status, failure, text);
  const logged = quotedStatuses(log);
  return { model: answer.model ?? logged.model, gateway: answer.gateway ?? logged.gateway };
}

function answerStatus(status: number | null, failure: string, text: string): ReportedStatus {
  if (status === 421) return { ...none, model: numberIn(/"detail"\s*:\s*"([1-5]\d\d):/.exec(text)) };
  return failure === 'said-no' ? quotedStatuses(text) : none;
}

function quotedStatuses(text: string): ReportedStatus {
  const gateway = numberIn(/\breturned code ([1-5]\d\d)(?![\w.])/i.exec(text));
  return { model: gateway === null ? quotedStatus(text) : null, gateway };
}

/** Returns the first status that is followed by its own reason phrase ("404: Not Found"). */
function quotedStatus(text: string): number | null {
  for (const found of text.matchAll(/(?<![\w.:])([1-5]\d\d): /g)) {
    const reason = STATUS_CODES[found[1] ?? ''] ?? '';
    const next = text.slice(found.index + found[0].length, found.index + found[0].length + reason.length);
    if (reason !== '' && next.toLowerCase() === reason.toLowerCase()) return Number(found[1]);
  }
  return null;
}

function numberIn(found: RegExpExecArray | null): number | null {
  return found ? Number(found[1]) : null;
}
