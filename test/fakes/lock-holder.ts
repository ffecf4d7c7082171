import { takeLock } from '../../src/main/core/settings/lock.ts';

await takeLock(process.argv[2] ?? '', 'sealift holder', new Date());
process.stdout.write('held\n');
setInterval(() => undefined, 1000);
