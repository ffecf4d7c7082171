import { describe, expect, it } from 'vitest';
import { appError, redact, toAppError } from '../../src/shared/errors/app-error.ts';

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
  ])('hides the secret in %j', (text, secret) => {
    expect(redact(text)).not.toContain(secret);
  });
});
