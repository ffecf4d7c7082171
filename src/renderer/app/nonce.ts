import { setNonce } from 'get-nonce';

/** Returns the nonce of this page, which its policy requires on every style element. Empty outside a shell. */
export function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
}

/** Passes the nonce to libraries that create style elements without Mantine. */
export function spreadNonce(): void {
  setNonce(styleNonce());
}
