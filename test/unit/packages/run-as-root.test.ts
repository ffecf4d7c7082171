import { afterEach, expect, it, vi } from 'vitest';
import { runAsRoot } from '../../../src/main/core/packages/run-as-root.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { boundedText } from '../../../src/shared/bounded-text.ts';
import type { AppError } from '../../../src/shared/errors/app-error.ts';

afterEach(() => vi.restoreAllMocks());

const remediesOf = (command: string[]) =>
  runAsRoot('engine', command, false, quietWork()).then(
    () => '',
    ({ wire }: AppError) => JSON.stringify([wire.code, wire.remedies]),
  );
const many = Array.from({ length: 30 }, (_, at) => `/store/files/engine/package-number-${at}_amd64.deb`);

it('shows the command for root whole, or how to see it: never half of it', async () => {
  vi.spyOn(process, 'getuid').mockReturnValue(1000);
  expect(await remediesOf(['apt-get', 'install', ...many.slice(0, 2)])).toContain(many[1]);
  const said = await remediesOf(['apt-get', 'install', ...many]);
  expect(said).toContain('packages.needs-root');
  expect(said).toContain('"command":"sealift packages install engine"');
  expect(said).not.toContain('apt-get');
});

it.skipIf(process.getuid?.() !== 0)('says it too of one that failed', async () => {
  expect(await remediesOf(['false', 'one'])).toContain('To see all that it prints: false one');
  const said = await remediesOf(['false', ...many]);
  expect(said).toContain('packages.failed');
  expect(said).toContain('"command":"sealift packages install engine"');
  expect(said).not.toContain(boundedText(many.join(' ')).slice(0, 50));
});
