import { spec, steps } from './define.ts';

/** Errors about the gateway in a Kubernetes cluster. */
export const kubernetesErrors = {
  'kubernetes.unfit-site': spec<{ field: string; problem: string; fix: string }>({
    exitCode: 3,
    message: ({ field, problem }) => `This site cannot be rendered for Kubernetes: ${field} ${problem}.`,
    remedies: ({ fix }) => [steps(fix)],
  }),
  'kubernetes.unreadable-chart': spec<{ path: string; problem: string }>({
    exitCode: 3,
    message: ({ path, problem }) => `${path} is not a Helm chart: ${problem}.`,
    remedies: () => [
      steps(
        "On a machine with internet, fetch GitLab's chart: helm pull ai-gateway/ai-gateway (from the repository that GitLab's page on installing the AI Gateway names).",
        'Bring the .tgz file here in a bundle, as files, and name it with --chart.',
      ),
    ],
  }),
};
