import { MantineProvider } from '@mantine/core';
import { Frame } from './frame.tsx';
import { styleNonce } from './nonce.ts';
import { cssVariables, theme } from './theme.ts';

/** The whole window: theme and frame. */
export function App() {
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      cssVariablesResolver={cssVariables}
      getStyleNonce={styleNonce}
    >
      <Frame />
    </MantineProvider>
  );
}
