import { readNamed } from '../core/files/read-bounded.ts';
import { runPart } from '../core/serving/parts/part-process.ts';
import { startSimulatedGateway } from '../stand-ins/gateway/simulated-gateway.ts';

runPart('simulated-gateway', async ({ host, port, gitlabUrl, signingKeyFile, validationKeyFile }) => {
  const [signingKey, validationKey] = [await readKey(signingKeyFile), await readKey(validationKeyFile)];
  const log = (line: string) => void process.stdout.write(`${line}\n`);
  const running = await startSimulatedGateway({ host, port, gitlabUrl, signingKey, validationKey, log });
  return {
    address: { host: running.host, port: running.port },
    version: 'SIMULATED',
    measure: () => running.measured(),
    stop: () => running.stop(),
  };
});

async function readKey(path: string): Promise<string> {
  return String(await readNamed(path, 64 * 1024, "The gateway's key"));
}
