const kept = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'TZ',
  'TMPDIR',
  'LD_LIBRARY_PATH',
  'SystemRoot',
  'SystemDrive',
  'TEMP',
  'TMP',
  'USERPROFILE',
  'APPDATA',
  'LOCALAPPDATA',
];
const keptGroups = /^(LC_|SEALIFT_|CUDA_|NVIDIA_|GGML_|VK_|NODE_LLAMA_CPP_)/;

/**
 * Returns the environment for a process that outlives its shell: only what it needs, so that none of the shell's tokens stays
 * readable in it.
 */
export function serviceEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => kept.includes(name) || keptGroups.test(name)));
}
