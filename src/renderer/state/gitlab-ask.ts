import { create } from 'zustand';

/** The GitLab to include in checks, as typed. Holds the path of the token file, never the token. */
export const useGitlabAsk = create<{ url: string; caFile: string; tokenFile: string }>(() => ({
  url: '',
  caFile: '',
  tokenFile: '',
}));

/** Returns the check input for that GitLab, or nothing while its address is empty. */
export function gitlabInput(): { gitlab?: { url: string; caFile?: string; tokenFile?: string } } {
  const { url, caFile, tokenFile } = useGitlabAsk.getState();
  if (url.trim() === '') return {};
  return {
    gitlab: {
      url: url.trim(),
      ...(caFile.trim() !== '' && { caFile: caFile.trim() }),
      ...(tokenFile.trim() !== '' && { tokenFile: tokenFile.trim() }),
    },
  };
}
