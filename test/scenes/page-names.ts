/** The names that the gateway requests, each with Ollama's, typed by hand from GitLab's page for 17.3 and 17.4. */
export const pageNames = [
  ['mistral', 'mistral:latest'],
  ['mixtral', 'mixtral:latest'],
  ['codegemma', 'codegemma'],
  ['codestral', 'codestral'],
  ['codellama', 'codellama:13b'],
  ['codellama_13b_code', 'codellama:code'],
  ['deepseekcoder', 'deepseekcoder'],
  ['mixtral_8x22b', 'mixtral:8x22b'],
  ['codegemma_2b', 'codegemma:2b'],
  ['codegemma_7b', 'codegemma:code'],
] as const;
