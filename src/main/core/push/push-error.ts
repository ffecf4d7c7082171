import { AppError, appError } from '../../../shared/errors/app-error.ts';

/* docker-registry names the error by number when it cannot write a file: 28 is ENOSPC, 122 EDQUOT. */
const noSpaceWords = /no space left|insufficient storage|"Err":(28|122)\b/i;
const quotaWords = /quota|storage.{0,80}exceed|exceed.{0,80}storage/i;
const passingWords = /deadline|time.?out|rate.?limit|too.?many.?requests/i;
/* A login may be read-only too: what says so is the registry, with or without the name of a repository, or its mode. */
const readOnlyWords =
  /\b(system|registry|repository|project|server|service|storage|mirror|cache)( \S*[./:'"]\S*)? (is|are|was|has been)\b[^.,;:]{0,20}read.?only|read.?only.?mode/i;

/** What a registry refused: the subject, and its answer in words. */
export interface Refusal {
  host: string;
  what: string;
  status: number;
  answer: string;
}

/**
 * True when an answer says that the registry, or its share for this project, is full. A limit of requests, of their size or of time says
 * nothing about that.
 */
export function isFull({ status, answer }: Pick<Refusal, 'status' | 'answer'>): boolean {
  if (status === 413 || status === 429) return false;
  if (status === 507 || noSpaceWords.test(answer)) return true;
  return quotaWords.test(answer) && !passingWords.test(answer);
}

/** Returns the error for an answer that a write does not expect. */
export function refusalError({ host, what, status, answer }: Refusal): AppError {
  if (isFull({ status, answer })) return appError('push.full', { host, answer });
  if (status === 405 || readOnlyWords.test(answer)) return appError('push.read-only', { host, answer });
  return appError('push.refused', { host, what, answer });
}

/** Returns what was thrown, or the error of pushing where that is one about the sources of a bundle. */
export function pushError(thrown: unknown): unknown {
  if (!(thrown instanceof AppError)) return thrown;
  const facts = thrown.wire.details as Record<
    'host' | 'reason' | 'what' | 'login' | 'answer' | 'name' | 'realm',
    string
  >;
  const { host, reason, what, login, answer, name, realm } = facts;
  const { problem } = thrown.wire.details as { problem: string };
  const error = {
    'remote.unreachable': () => appError('push.unreachable', { host, reason }, thrown.cause),
    'remote.certificate': () => appError('push.unknown-authority', { host, reason }),
    'remote.foreign-realm': () => appError('push.foreign-realm', { host, realm }),
    'remote.odd-answer': () => appError('push.refused', { host, what, answer: problem }),
    'remote.unauthorised': () => {
      const refusal = { host, what, status: 403, answer };
      const isLogin = !isFull(refusal) && !readOnlyWords.test(answer);
      return isLogin ? appError('push.login-refused', { host, what, login, answer, name }) : refusalError(refusal);
    },
  }[thrown.code];
  return error ? error() : thrown;
}
