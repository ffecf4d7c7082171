import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { givenHop } from '../../../src/main/core/probe/diagnose.ts';
import { diagnoseGiven } from '../../../src/main/core/probe/diagnose-given.ts';
import { loadDiagnosis } from '../../../src/main/core/probe/diagnosis-catalog.ts';

const catalog = await loadDiagnosis(resolve('resources'));
const folder = mkdtempSync(join(tmpdir(), 'sealift-given-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Given {
  status?: number;
  body?: string;
  log?: string;
}

async function causes({ status, body, log }: Given) {
  const text = (one: string | undefined) => (one === undefined ? undefined : { text: one });
  return (await diagnoseGiven({ status, body: text(body), log: text(log) }, catalog)).causes;
}
const idsOf = async (given: Given) => (await causes(given)).map((one) => one.id);
const oidc = 'cloud_connector oidc_provider=Gitlab';

/** The signatures of the fact tables: the row that must come first, and what a person has. */
const signatures: [string, Given][] = [
  ['T1', { log: 'AI Gateway URL is not set' }],
  ['T2', { log: 'Cannot access AI Gateway' }],
  ['T2', { log: 'Failed to open TCP connection to gw:5052 (Connection refused - connect(2) for "gw" port 5052)' }],
  ['T3', { log: '✗ License does not provide access to code suggestions' }],
  ['T4', { log: 'License is correct, but user does not have access to code suggestions' }],
  ['T12', { log: '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate in chain' }],
  ['T13', { log: 'JWKError: Could not deserialize key data. The data may be in an incorrect format' }],
  ['T14', { log: 'Token creation failed' }],
  ['T15', { log: '14:failed to connect to all addresses; Ssl handshake failed: WRONG_VERSION_NUMBER 10.0.0.5:50052' }],
  ['T17', { log: "WebSocket connection to 'wss://gitlab.example/-/cable' failed" }],
  ['T18', { body: "I'm sorry, I couldn't respond in time. Please try again. Error code: A1000" }],
  ['T19', { log: '{"error_code":"A1001","error_source":"chat_v2"}' }],
  ['T20', { body: 'A1002' }],
  ['T21', { log: 'error code is: A1003' }],
  ['T23', { body: 'The prompt is too long (A1005)' }],
  ['T26', { log: '"error_code": "A6000"' }],
  ['T28', { body: 'Error code: M3003' }],
  ['T30', { body: 'Error code: G3002' }],
  ['T34', { log: "The requested image's platform (linux/amd64) does not match the detected host platform" }],
  ['T36', { log: "Invocation of model ID meta.llama3 with on-demand throughput isn't supported" }],
  ['T37', { log: 'OSError: transformers/utils/hub.py Salesforce/codegen2-16B' }],
  ['T38', { log: "[Errno 13] Permission denied: '/home/aigateway/.hf/hub'" }],
  ['T39', { log: 'HTTPSConnectionPool(host=customers.gitlab.com, port=443): Max retries exceeded' }],
  ['T40', { log: 'URL is blocked: Requests to the local network are not allowed' }],
  ['T41', { body: 'AI Gateway could not connect to the model endpoint: http://m/v1' }],
  ['T44', { log: 'Pulling docker image registry.gitlab.com/gitlab-org/duo-workflow' }],
  ['T47', { log: 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB' }],
  ['T49', { log: 'Model endpoint returned non-200 status ⚠' }],
  ['D1', { log: 'litellm.APIError: Custom_openaiException - Connection error.' }],
  ['D1', { status: 421, body: '{"detail":"500: Internal Server Error"}' }],
  ['D2', { status: 421, body: '{"detail":"404: Not Found"}' }],
  ['D2', { log: 'litellm.NotFoundError: Custom_openaiException - The model `x` does not exist.' }],
  ['D3', { status: 421, body: '{"detail":"401: Unauthorized"}' }],
  ['D3', { log: '{"http_exception_details": "421: 401: Unauthorized"}' }],
  ['D3', { log: 'litellm.AuthenticationError: Custom_openaiException' }],
  ['D4', { log: 'LLM Provider NOT provided. Pass in the LLM provider' }],
  ['D5', { status: 400, body: '{"error":{"message":"exceeds the available context size"}}' }],
  ['D6', { status: 400, body: 'System message must be at the beginning.' }],
  ['D7', { log: 'Assistant response prefill is incompatible with enable_thinking.' }],
  ['D8', { log: '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set' }],
  ['D9', { log: 'Failed to parse tool call arguments as JSON' }],
  ['D10', { status: 421, body: '{"detail":"408: Request Timeout"}' }],
  ['D10', { log: 'Retrying LLM invocation after failure timeout_suspected=True' }],
  ['D11', { status: 429 }],
  ['D12', { status: 503, body: '{"error":{"message":"Loading model"}}' }],
  ['D14', { log: `${oidc} NameResolutionError: Failed to resolve 'gitlab.local'` }],
  ['D15', { log: 'Could not prefetch keys' }],
  ['D16', { status: 401, body: '{"error":"Forbidden by auth provider"}', log: 'Signature has expired.' }],
  ['D17', { status: 401, log: 'The token is not yet valid (nbf)' }],
  ['D17', { log: 'jwt.exceptions.ImmatureSignatureError: The token is not yet valid (iat)' }],
  ['D18', { status: 401, body: '{"error":"Forbidden by auth provider"}' }],
  ['D18', { log: 'CriticalAuthError: No keys founds in JWKS; are OIDC providers up?' }],
  ['D19', { log: 'Invalid audience' }],
  ['D20', { status: 401, body: `{"error":"Header mismatch 'X-Gitlab-Instance-Id'"}` }],
  ['D21', { status: 400, body: 'specifying custom models endpoint is disabled: api_base is not allowed' }],
  ['D22', { status: 422, body: 'model general is not supported by use case' }],
  ['D23', { log: 'google.auth.exceptions.DefaultCredentialsError' }],
  ['D24', { log: 'Auth is disabled, all users allowed' }],
  ['D25', { status: 500, body: '{"detail":"Failed to generate JWT"}' }],
  ['D26', { log: 'SqliteSearch: No database found at tmp/docs.db' }],
  ['D27', { log: "We couldn't connect to 'https://huggingface.co' to load this file" }],
  ['D28', { log: '1 validation error for Config' }],
  ['D29', { log: '[Errno 98] error while attempting to bind on address: address already in use' }],
  ['D30', { status: 403, body: '{"detail":"Unauthorized to access code suggestions"}' }],
  ['D31', { status: 402, body: '{"error":"insufficient_credits"}' }],
  ['D32', { status: 500, log: 'Missing key prompt_version' }],
  ['D34', { log: "parallel: Error: can't mkdir: Read-only file system" }],
  ['D35', { log: 'data: {"type":"unknown","text":"hello"}' }],
  ['P3', { body: 'HTTP/1.1 302 Found\r\nLocation: https://sso.example/login\r\n\r\n' }],
  ['P4', { status: 200, body: '<html><title>Blocked</title></html>' }],
  ['P4', { body: '\n<!DOCTYPE html><p>Sign in' }],
  ['P0', { status: 418 }],
  ['T16', { log: 'Agent Platform service URL is invalid' }],
  ['T22', { body: 'Error code: A1004' }],
  ['T24', { body: 'Error code: A1006' }],
  ['T25', { body: 'Error code: A1008' }],
  ['T27', { body: 'Error code: M2000' }],
  ['T29', { body: 'Error code: M4003' }],
  ['T46', { log: 'ValueError: No available memory for the cache blocks.' }],
  ['P2', { log: 'curl: (35) TLS connect error: wrong version number' }],
  ['P10', { status: 500 }],
  ['P19', { log: 'POST http://model:8000/v1/v1/chat/completions' }],
  ['P23', { body: 'The user has no seat assigned' }],
  ['P28', { log: 'SSL routines: certificate verify failed: certificate has expired' }],
];

describe('a failure that a person brings', () => {
  it.each(signatures)('%s ← %j', async (id, given) => expect((await idsOf(given))[0]).toBe(id));

  it('has a case for each row that an answer or a log can match', () => {
    const byGiven = catalog.rows.filter(({ match }) =>
      match.some(({ hops, failure }) => failure === undefined && hops?.includes(givenHop) !== false),
    );
    const shown = signatures.map(([id]) => id);
    expect(byGiven.map((row) => row.id).filter((id) => !shown.includes(id))).toEqual([]);
  });

  it.each<[string, Given]>([
    ['a good answer', { status: 200, body: '{"choices":[{"message":{"content":"Hello"}}]}' }],
    ['a status that is good', { status: 204 }],
    ['a log of nothing special', { log: 'INFO: started\nGET /monitoring/healthz 200' }],
    ['a GPU that is called like an error code', { log: 'Device 0: NVIDIA RTX A6000\nGPU 1: RTX A1000 Laptop' }],
    ['numbers that are no status', { log: 'read 404 tokens from 127.0.0.1:500: ok' }],
  ])('names no cause for %s', async (_, given) => expect(await idsOf(given)).toEqual([]));

  it('is less sure when there is only a status', async () => {
    const found = await causes({ status: 404 });
    expect(found.map((one) => [one.id, one.confidence])).toEqual([['D2', 'low']]);
  });

  it('names the line of a log, without colours and secrets, however long it is', async () => {
    const log = `one\n${'x'.repeat(50_000)} \u001b[31mCustom_openaiException - Connection error\u001b[0m Bearer abcdefghij\u202e\n`;
    const [cause] = await causes({ log });
    expect(cause?.evidence[0]).toBe('the log says "Custom_openaiException - Connection error" (line 2)');
    expect(cause?.evidence[1]).toMatch(/^…x+ Custom_openaiException - Connection error Bearer \[hidden\]/);
    expect(JSON.stringify(cause)).not.toMatch(/abcdefghij|\\u001b|\\u202e|x{100}/);
  });

  it('reads the end of a long log, the start of a long body, and the UTF-16 of Windows', async () => {
    const file = (name: string, content: string | Buffer) => {
      const path = join(folder, name);
      writeFileSync(path, content);
      return { path };
    };
    const read = async (given: Parameters<typeof diagnoseGiven>[0]) =>
      (await diagnoseGiven(given, catalog)).causes.map((one) => one.id);
    const filler = `${'.'.repeat(99)}\n`.repeat(90_000);
    expect(await read({ log: file('long.log', `Auth is disabled\n${filler}Invalid audience\n`) })).toEqual(['D19']);
    expect(await read({ body: file('long.txt', `Invalid audience\n${filler}Auth is disabled\n`) })).toEqual(['D19']);
    const wide = Buffer.from('\ufeffERROR Invalid audience\r\n', 'utf16le');
    expect(await read({ log: file('wide.log', wide) })).toEqual(['D19']);
    await expect(read({ log: { path: folder } })).rejects.toThrow('The log');
  });
});
