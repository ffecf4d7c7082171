import { z } from 'zod';
import { redact } from '../../../shared/errors/app-error.ts';
import { issueLines } from '../../../shared/rpc/frames.ts';
import { boundedRequest, type HttpAnswer } from '../http/bounded-request.ts';
import type { GraphqlOperation } from './graphql-documents.ts';

/** Address and credentials for requests to GitLab. */
export interface GitlabTarget {
  url: string;
  token: string;
  /** The trusted authorities, as PEM. Default: the public ones. */
  ca?: string | undefined;
  signal?: AbortSignal;
}

/** Result of one GraphQL request: data, or the reason why there is none, in at most five lines of 4000 characters. `http` is the HTTP answer. */
export interface GraphqlAnswer<D> {
  http: HttpAnswer;
  data?: D;
  problem?: { kind: 'http' | 'not-json' | 'graphql' | 'shape'; lines: string[] };
}

const graphqlBody = z.object({
  data: z.unknown().optional(),
  errors: z.array(z.object({ message: z.string() })).optional(),
});

/** Sends one GraphQL request to GitLab and checks the answer against the operation. Throws only if the signal aborts. */
export async function postGraphql<V, D>(
  target: GitlabTarget,
  operation: GraphqlOperation<V, D>,
  variables: V,
  options: { timeoutMs?: number; correlationId?: string } = {},
): Promise<GraphqlAnswer<D>> {
  const http = await boundedRequest({
    method: 'POST',
    url: `${target.url}/api/graphql`,
    ca: target.ca,
    headers: {
      authorization: `Bearer ${target.token}`,
      ...(options.correlationId && { 'x-request-id': options.correlationId }),
    },
    json: { operationName: operation.name, query: operation.document, variables },
    timeoutMs: options.timeoutMs ?? 30_000,
    ...(target.signal && { signal: target.signal }),
  });
  return { http, ...read(http, operation) };
}

function read<V, D>(http: HttpAnswer, operation: GraphqlOperation<V, D>): Omit<GraphqlAnswer<D>, 'http'> {
  const problem = (kind: 'http' | 'not-json' | 'graphql' | 'shape', lines: string[]) => ({
    problem: { kind, lines: lines.slice(0, 5).map((line) => redact(line.slice(0, 4000))) },
  });
  if (http.kind === 'failure') return problem('http', [http.detail]);
  if (http.status !== 200) return problem('http', [`status ${http.status}`]);
  let json: unknown;
  try {
    json = JSON.parse(http.text);
  } catch {
    return problem('not-json', ['the answer is not JSON']);
  }
  const body = graphqlBody.safeParse(json);
  if (!body.success) return problem('shape', ['the answer is no GraphQL answer']);
  if (body.data.errors?.length)
    return problem(
      'graphql',
      body.data.errors.map((one) => one.message),
    );
  const data = operation.data.safeParse(body.data.data);
  return data.success ? { data: data.data } : problem('shape', issueLines(data.error));
}
