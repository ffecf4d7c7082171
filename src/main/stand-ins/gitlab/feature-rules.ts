/** Which families GitLab 19.x lets each feature use (ee feature_setting.rb); only the features that a site can name. */
export const featureRules: Record<string, { title: string; families: readonly string[] }> = {
  CODE_GENERATIONS: { title: 'Code Generation', families: codeFamilies() },
  CODE_COMPLETIONS: { title: 'Code Completion', families: codeFamilies() },
  DUO_CHAT: {
    title: 'General Chat',
    families: ['MISTRAL', 'MIXTRAL', 'CODESTRAL', 'CLAUDE_3', 'GPT', 'LLAMA3', 'GENERAL'],
  },
  DUO_AGENT_PLATFORM: { title: 'Agents & flows', families: ['CLAUDE_3', 'GPT', 'GENERAL', 'MISTRAL', 'GEMINI'] },
};

function codeFamilies(): string[] {
  return [
    ...['CODEGEMMA', 'CODELLAMA', 'CODESTRAL', 'DEEPSEEKCODER', 'MISTRAL'],
    ...['MIXTRAL', 'LLAMA3', 'CLAUDE_3', 'GPT', 'GENERAL'],
  ];
}
