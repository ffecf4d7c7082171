import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { engineServer } from '../core/serving/llamacpp/engine-server.ts';
import { LlamaEngine } from '../core/serving/llamacpp/llama-engine.ts';
import { loadLlamaLibrary } from '../core/serving/llamacpp/llama-library.ts';
import { listen } from '../core/serving/parts/listen.ts';
import { runPart } from '../core/serving/parts/part-process.ts';

runPart('llamacpp', async (config) => {
  const engine = await LlamaEngine.load(config, join(import.meta.dirname, 'try-llamacpp.js'));
  const token = randomBytes(32).toString('base64url');
  const app = engineServer(engine, config.servedName, token);
  const address = await listen(app, '127.0.0.1', 0, 'the site file');
  const { getModuleVersion } = await loadLlamaLibrary();
  return {
    address: { ...address, token },
    version: `node-llama-cpp ${await getModuleVersion()}`,
    measure: () => engine.measure(),
    // The process ends right after: waiting for llama.cpp to free its memory would only cost time.
    stop: () => app.close(),
  };
});
