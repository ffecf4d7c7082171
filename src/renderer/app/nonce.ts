import { setNonce } from 'get-nonce';

/** The nonce of this answer of the server, which the policy of the page asks of every style element. Empty outside a shell. */
export function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
}

/** Gives it to the libraries that make style elements without asking Mantine. */
export function spreadNonce(): void {
  setNonce(styleNonce());
}
