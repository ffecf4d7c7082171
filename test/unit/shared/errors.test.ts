import { describe, expect, it } from 'vitest';
import { toShownError } from '../../../src/renderer/state/shown-error.ts';
import { appError, redact, toAppError } from '../../../src/shared/errors/app-error.ts';
import type { ErrorSpec, Remedy } from '../../../src/shared/errors/define.ts';
import { errorTable } from '../../../src/shared/errors/table.ts';

describe('errors', () => {
  it('carries code, exit code, remedies and a one-line cause', () => {
    const error = appError('file.missing', { path: '/x', what: 'The site file' }, new Error('ENOENT\nsecond line'));
    expect(error.wire).toMatchObject({ code: 'file.missing', exitCode: 2, cause: 'ENOENT' });
    expect(error.wire.remedies.length).toBeGreaterThan(0);
  });

  it('shows nothing of an unknown error but a reference', () => {
    const error = toAppError(new Error('password=hunter2'), () => 'ref-1');
    expect(JSON.stringify(error.wire)).not.toContain('hunter2');
    expect(error.wire).toMatchObject({ code: 'internal', ref: 'ref-1', exitCode: 4 });
  });

  it.each([
    ['Authorization: Bearer abc.def-123', 'abc.def'],
    ['token glpat-ABCDEFGH12345678 refused', 'ABCDEFGH'],
    ['-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----', 'MIIE'],
    ['https://user:s3cret@host/', 's3cret'],
    ['eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln', 'eyJzdWIi'],
    ['HF_TOKEN=hf_AbCdEfGhIjKlMnOpQrStUvWxYz is not valid', 'hf_AbCd'],
  ])('hides the secret in %j', (text, secret) => {
    expect(redact(text)).not.toContain(secret);
  });
});

describe('an error that a page met', () => {
  it('is a row of the table, with nothing of what was thrown', () => {
    const shown = toShownError(new Error('password=hunter2'));
    expect(Object.keys(errorTable)).toContain(shown.code);
    expect(JSON.stringify(shown)).not.toContain('hunter2');
  });
});

describe('the table of errors', () => {
  const rows = Object.entries(errorTable) as [string, ErrorSpec<Record<string, unknown>>][];
  // Any fact that a text asks for is there, whatever its kind.
  const facts: Record<string, unknown> = new Proxy(
    {},
    { get: (_target, name) => (String(name).endsWith('s') ? ['some'] : 'some') },
  );

  it.each(rows)('%s: has a kebab-case name, a message, a remedy and an exit code', (code, row) => {
    expect(code).toMatch(/^[a-z]+(\.[a-z]+(-[a-z]+)*)?$/);
    expect([2, 3, 4, 130]).toContain(row.exitCode);
    const lenient = (make: (details: Record<string, unknown>) => unknown) => {
      try {
        return make(facts);
      } catch (error) {
        // A row whose details are lists of objects cannot be told by the stand-in facts; its own tests show it.
        if (error instanceof TypeError) return undefined;
        throw error;
      }
    };
    const message = lenient((details) => row.message(details));
    if (message !== undefined) expect(String(message).length).toBeGreaterThan(10);
    const remedies = lenient((details) => row.remedies(details)) as Remedy[] | undefined;
    if (remedies) expect(remedies.length).toBeGreaterThan(0);
  });
});
