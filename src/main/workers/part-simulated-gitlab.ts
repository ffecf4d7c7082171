import { readApiKey } from '../core/serving/api-key.ts';
import { runPart } from '../core/serving/parts/part-process.ts';
import { startSimulatedGitlab } from '../stand-ins/gitlab/simulated-gitlab.ts';

runPart('simulated-gitlab', async ({ host, port, basePath, version, stateFile, adminTokenFile }) => {
  const adminToken = await readApiKey(adminTokenFile);
  const log = (line: string) => void process.stdout.write(`${line}\n`);
  const running = await startSimulatedGitlab({ host, port, basePath, version, stateFile, adminToken, log });
  return {
    address: { host: running.host, port: running.port },
    version: `${version} SIMULATED`,
    measure: () => running.measured(),
    stop: () => running.stop(),
  };
});
