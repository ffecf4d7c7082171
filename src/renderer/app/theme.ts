import { type CSSVariablesResolver, createTheme, Drawer, type MantineColorsTuple, Modal } from '@mantine/core';

/** The accent colour. Contrast is at least 4.5:1 against white from shade 6, and against the dark background up to shade 4. */
const deep: MantineColorsTuple = [
  '#eef3fb',
  '#dbe5f5',
  '#b4c9ea',
  '#8aabdf',
  '#6791d6',
  '#5080d0',
  '#2f62b8',
  '#24509c',
  '#1d4384',
  '#14356c',
];

/** In a dialog, a `header` element would count as a second banner of the page. */
const plainHeader = { defaultProps: { attributes: { header: { role: 'presentation' } } } };

/** The theme of the window: system font, 14 px body text, one accent colour. */
export const theme = createTheme({
  primaryColor: 'deep',
  primaryShade: { light: 7, dark: 7 },
  colors: { deep },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: '12px', sm: '14px', md: '14px', lg: '16px', xl: '20px' },
  headings: {
    fontWeight: '600',
    sizes: { h1: { fontSize: '20px' }, h2: { fontSize: '16px' }, h3: { fontSize: '14px' } },
  },
  defaultRadius: 'sm',
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: { Drawer: Drawer.extend(plainHeader), Modal: Modal.extend(plainHeader) },
});

const quiet = {
  '--mantine-color-dimmed': 'var(--sl-quiet)',
  '--mantine-color-placeholder': 'var(--sl-quiet)',
  '--mantine-color-error': 'var(--sl-bad)',
};

/** Replaces Mantine's greys and red, whose contrast is below 4.5:1. */
export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: quiet, dark: quiet });
