import { create } from 'zustand';

/** The packages of the store that the open dialog offers to install. */
export const useInstall = create<{ name?: string | undefined }>(() => ({}));

/** Opens the dialog that installs packages from the store; it asks before anything is installed. */
export function offerInstall(name: string): void {
  useInstall.setState({ name });
}

/** Closes it. A running installation continues. */
export function closeInstall(): void {
  useInstall.setState({ name: undefined });
}
