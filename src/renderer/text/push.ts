import { inLanguage } from './language.ts';
import { remedyText } from './remedies.ts';

/** Words of the screen that pushes to a registry. */
export const pushText = inLanguage('push', {
  title: 'Push to a registry',
  lead: 'Sends images, models and files to your own registry, with the same digests as in the bundle.',
  where: 'Where to',
  target: 'Registry and prefix',
  targetHow:
    'For example registry.example:5000/duo. In GitLab and Harbor, the prefix is the path of a project. Write http:// before a registry without TLS.',
  more: 'More settings',
  moreHow: 'For your own certificate authority, or a registry whose logins are checked elsewhere.',
  ca: remedyText.named.ca,
  tokenHost: remedyText.named.tokenHost,
  tokenHostHow: "Only if Sealift asks for it. GitLab's registry names GitLab itself.",
  what: 'What to send',
  fromStore: 'Models and files in the store',
  fromMedia: 'A bundle, from its media',
  noMedia: 'No media found. Plug in a medium and mount it, or add its folder.',
  space: (amount: string) => `${amount} in all`,
  plan: 'Compare with the registry',
  planning: 'Asking the registry…',
  planned: (registry: string, send: string, present: string) =>
    `${registry}: ${send} to send, ${present} already there.`,
  login: (login: string) => `Login: ${login}`,
  contents: 'Contents',
  columns: { state: 'State', name: 'Name', reference: 'Name in the registry', size: 'Size' },
  state: { present: 'already there', absent: 'to send', incomplete: 'incomplete on these media' },
  kinds: { image: 'Image', model: 'Model', files: 'Files' },
  replaces: (digest: string) => `This name has other content now: ${digest}`,
  missing: (labels: string) => `Missing media: ${labels}`,
  push: (amount: string) => `Push ${amount}`,
  nothing: 'Nothing to send',
  pushing: 'Pushing…',
  done: (registry: string, seconds: string) => `Everything is in ${registry} (${seconds}).`,
  part: (registry: string, seconds: string) =>
    `A part is in ${registry} (${seconds}). Connect the missing media, then push again.`,
  sent: (sent: string, present: string) => `${sent} sent, ${present} already there.`,
  mustTarget: 'Enter a registry and a prefix first.',
  mustPlan: 'Compare with the registry first.',
  mustMedia: 'Select a medium first.',
  changed: 'The form has changed since this comparison. Compare again.',
  notTrusted:
    'These media have no signature that this machine trusts. Check the fingerprint, or say why you use them anyway.',
  untrusted: 'Why do you use these media without a trusted key? The reason is recorded.',
  useAnyway: 'Use media anyway',
  cancel: 'Cancel',
  tooShort: 'Enter at least 3 letters.',
});
