import { readFile } from 'node:fs/promises';
import { runPart } from '../core/serving/part-process.ts';
import { startSimulatedGateway } from '../stand-ins/gateway/simulated-gateway.ts';

runPart('simulated-gateway', async ({ host, port, gitlabUrl, signingKeyFile, validationKeyFile }) => {
  const [signingKey, validationKey] = [
    await readFile(signingKeyFile, 'utf8'),
    await readFile(validationKeyFile, 'utf8'),
  ];
  const log = (line: string) => void process.stdout.write(`${line}\n`);
  const running = await startSimulatedGateway({ host, port, gitlabUrl, signingKey, validationKey, log });
  return {
    address: { host: running.host, port: running.port },
    version: 'SIMULATED',
    measure: () => running.measured(),
    stop: () => running.stop(),
  };
});
