import { z } from 'zod';
import type { HttpAnswer, HttpAsk, HttpFailure } from '../http/bounded-request.ts';
import { lastShownLine } from '../processes/shown-line.ts';
import type { Engine } from './connect-engine.ts';
import { execInContainer } from './exec-in-container.ts';

/** A request to send from inside a container. Its time limit is rounded to whole seconds. */
export type InsideAsk = Pick<HttpAsk, 'method' | 'url' | 'headers' | 'json' | 'timeoutMs'>;
/** The result; `unknown` if the image has no program that can send requests. */
export type InsideAnswer = HttpAnswer | { kind: 'unknown'; tried: string[] };

/** A program that an image may contain, and how it sends a request. URL, headers and body are passed by standard input. */
interface AskingProgram {
  name: string;
  command: string[];
  input(ask: InsideAsk): string;
  read(output: string): { status: number; headers: Record<string, string>; text: string } | undefined;
}

const connectSeconds = 10;
const seconds = (ask: InsideAsk) => Math.max(1, Math.ceil(ask.timeoutMs / 1000));
const bodyOf = ({ json }: InsideAsk) => (json === undefined ? undefined : JSON.stringify(json));
const headersOf = ({ headers, json }: InsideAsk) => ({
  ...(json !== undefined && { 'content-type': 'application/json' }),
  ...headers,
});

/** GitLab's gateway image has the first two, a rehearsal's image the last. None follows redirects. */
export const askingPrograms: AskingProgram[] = [
  {
    name: 'curl',
    command: ['curl', '-q', '-sS', '-i', '--connect-timeout', String(connectSeconds), '-K', '-'],
    input: (ask) => {
      const body = bodyOf(ask);
      const lines = [
        ['url', ask.url],
        ['request', ask.method],
        ['max-time', String(seconds(ask))],
        ...Object.entries(headersOf(ask)).map(([name, value]) => ['header', `${name}: ${value}`]),
        ...(body === undefined ? [] : [['data-binary', body]]),
      ];
      return lines.map(([name, value = '']) => `${name} = ${quoted(value)}\n`).join('');
    },
    read: readRawAnswer,
  },
  {
    name: 'python3',
    command: [
      'python3',
      '-c',
      [
        'import sys,json,http.client as h,urllib.parse as p',
        "a=json.load(sys.stdin);u=p.urlsplit(a['url'])",
        `c=(h.HTTPSConnection if u.scheme=='https' else h.HTTPConnection)(u.hostname,u.port,timeout=${connectSeconds})`,
        'try: c.connect()',
        "except TimeoutError: sys.exit('connection timed out')",
        "c.sock.settimeout(a['seconds'])",
        "c.request(a['method'],p.urlunsplit(('','',u.path or '/',u.query,'')),(a.get('body') or '').encode() or None,a['headers']);r=c.getresponse()",
        "print(json.dumps({'status':r.status,'headers':{k.lower():v for k,v in r.getheaders()},'text':r.read(100000).decode('utf-8','replace')}))",
      ].join('\n'),
    ],
    input: jsonInput,
    read: readJsonAnswer,
  },
  {
    name: 'node',
    command: [
      'node',
      '-e',
      [
        "const a=JSON.parse(require('fs').readFileSync(0)),h=require(a.url.startsWith('https:')?'https':'http');",
        "const f=e=>{console.error(e.message||e.code);process.exit(1)};let t='';",
        "const r=h.request(a.url,{method:a.method,headers:a.headers},q=>q.setEncoding('utf8').on('data',d=>{t+=d}).on('error',f)",
        ".on('end',()=>console.log(JSON.stringify({status:q.statusCode,headers:Object.fromEntries(Object.entries(q.headers).map(([k,v])=>[k,String(v)])),text:t.slice(0,1e5)}))));",
        `const c=setTimeout(()=>f({message:'connection timed out'}),${connectSeconds * 1000});r.on('socket',s=>s.on('connect',()=>clearTimeout(c)));`,
        "r.on('error',f).end(a.body);setTimeout(()=>f({message:'timed out'}),a.seconds*1000).unref()",
      ].join(''),
    ],
    input: jsonInput,
    read: readJsonAnswer,
  },
];

function jsonInput(ask: InsideAsk): string {
  return JSON.stringify({
    url: ask.url,
    method: ask.method,
    seconds: seconds(ask),
    headers: headersOf(ask),
    body: bodyOf(ask),
  });
}

/** Sends one request from inside a running container. Throws the signal's reason or the engine's error. */
export async function askFromInside(
  engine: Engine,
  id: string,
  ask: InsideAsk,
  signal: AbortSignal,
): Promise<InsideAnswer> {
  const began = performance.now();
  for (const { command, input, read } of askingPrograms) {
    const done = await execInContainer(engine, id, command, signal, input(ask));
    if (!done) continue;
    const latencyMs = Math.round(performance.now() - began);
    const answer = read(done.output);
    if (answer) return { kind: 'answer', ...answer, latencyMs };
    const detail = lastShownLine(done.output) || `code ${done.exitCode}`;
    return { kind: 'failure', failure: failureOf(detail), detail, latencyMs };
  }
  return { kind: 'unknown', tried: askingPrograms.map((one) => one.name) };
}

function quoted(value: string): string {
  const escapes: Record<string, string> = { '\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  return `"${value.replace(/[\\"\n\r\t]/g, (char) => escapes[char] ?? char)}"`;
}

/** An answer as HTTP writes it: status line, headers, an empty line, the body. */
function readRawAnswer(output: string): ReturnType<AskingProgram['read']> {
  const [, status, rest = ''] = /^HTTP\/[\d.]+ (\d{3})[^\r\n]*\r?\n([\s\S]*)$/.exec(output) ?? [];
  if (!status) return undefined;
  const end = /^\r?\n|\r?\n\r?\n/.exec(rest);
  const head = end ? rest.slice(0, end.index) : rest;
  const headers = head.split(/\r?\n/).flatMap((line) => {
    const at = line.indexOf(':');
    return at > 0 ? [[line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()] as const] : [];
  });
  const text = end ? rest.slice(end.index + end[0].length) : '';
  return { status: Number(status), headers: Object.fromEntries(headers), text };
}

const jsonAnswer = z.object({
  status: z.int().min(100).max(999),
  headers: z.record(z.string(), z.string()),
  text: z.string(),
});

function readJsonAnswer(output: string): ReturnType<AskingProgram['read']> {
  try {
    return jsonAnswer.parse(JSON.parse(output));
  } catch {
    return undefined;
  }
}

/** By the words of curl, Python and Node. */
const failures: [RegExp, HttpFailure][] = [
  [/could not resolve|ENOTFOUND|EAI_AGAIN|name resolution|name or service|no address associated/i, 'unknown-host'],
  [/timed out|timeout/i, 'timeout'],
  [/no route|unreach/i, 'unreachable'],
  [/refused|couldn't connect/i, 'refused'],
  [/wrong.version.number/i, 'tls-plain-port'],
  [/certificate/i, 'tls-certificate'],
  [/reset|empty reply|closed connection|other side closed|RemoteDisconnected/i, 'reset'],
  [/HTTP\/0\.9|BadStatusLine/i, 'not-http'],
];

function failureOf(detail: string): HttpFailure {
  return failures.find(([pattern]) => pattern.test(detail))?.[1] ?? 'failed';
}
