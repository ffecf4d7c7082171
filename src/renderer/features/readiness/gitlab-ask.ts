import { create } from 'zustand';

/** The GitLab that checks look at too, as it was typed; the token itself is never here, only the path of its file. */
export const useGitlabAsk = create<{ url: string; caFile: string; tokenFile: string }>(() => ({
  url: '',
  caFile: '',
  tokenFile: '',
}));

/** What a check is asked of that GitLab; nothing while no address is typed. */
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
