// Runs in the container of a rehearsal. The engine starts it with the same environment as the AI Gateway's container.
import { startGrpcHealthService } from '../stand-ins/gateway/grpc-health-service.ts';
import { startSimulatedGateway } from '../stand-ins/gateway/simulated-gateway.ts';

const host = '0.0.0.0';
const log = (line: string) => void process.stdout.write(`${line}\n`);

// As the first process of a container it would not end by these otherwise.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));

await startSimulatedGateway({
  host,
  port: 5052,
  gitlabUrl: variable('AIGW_GITLAB_URL'),
  signingKey: variable('AIGW_SELF_SIGNED_JWT__SIGNING_KEY'),
  validationKey: variable('AIGW_SELF_SIGNED_JWT__VALIDATION_KEY'),
  log,
});
const { port } = await startGrpcHealthService({ host, port: 50_052 });
log(`SIMULATED agent platform listens on ${host}:${port}`);

function variable(name: string): string {
  const value = process.env[name];
  if (value) return value;
  log(`SIMULATED gateway ${name} is not set`);
  process.exit(4);
}
