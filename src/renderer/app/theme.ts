import { type ButtonProps, type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

/** The accent colour. Contrast is at least 4.5:1 against white from shade 7, and against dark surfaces up to shade 4. */
const deep: MantineColorsTuple = [
  '#e8eefb',
  '#d5e1fb',
  '#b3c9ff',
  '#9dbcff',
  '#8aaeff',
  '#a3bfff',
  '#4169cf',
  '#2450b8',
  '#1d4299',
  '#17367d',
];

/** What removes or overrides something, with the contrast of the accent at the same shades. */
const red: MantineColorsTuple = [
  '#fdecea',
  '#f9d3cf',
  '#f5b1ab',
  '#f39c94',
  '#f28b82',
  '#f5a39c',
  '#c5403a',
  '#b3261e',
  '#971f18',
  '#7c1913',
];

/** Surfaces and outlines of the dark scheme, from text to canvas. */
const dark: MantineColorsTuple = [
  '#e7eaf0',
  '#c5ccd7',
  '#9ca6b5',
  '#677284',
  '#3b4453',
  '#272e39',
  '#1f2530',
  '#161a21',
  '#12161c',
  '#0e1116',
];

/** In a dialog, a `header` element would count as a second banner of the page. */
const plainHeader = {
  defaultProps: {
    attributes: { header: { role: 'presentation' } },
    styles: { title: { fontSize: 16, fontWeight: 640 } },
  },
};

/** The theme of the window: 14 px body text in Inter, one accent colour, one radius for controls and one for cards. */
export const theme = createTheme({
  primaryColor: 'deep',
  primaryShade: { light: 7, dark: 4 },
  colors: { deep, dark, red },
  fontFamily: 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: '"JetBrains Mono", ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: '12px', sm: '14px', md: '14px', lg: '16px', xl: '22px' },
  headings: {
    fontWeight: '640',
    sizes: { h1: { fontSize: '22px' }, h2: { fontSize: '16px' }, h3: { fontSize: '14px' } },
  },
  radius: { sm: '8px', md: '8px', lg: '12px' },
  defaultRadius: 'sm',
  respectReducedMotion: true,
  cursorType: 'pointer',
  // Plain objects: a component's own `extend` would load dialogs and forms with the first screen.
  components: {
    Drawer: plainHeader,
    Modal: plainHeader,
    // White on the accent of the dark scheme would be hard to read.
    Button: {
      // Said outright, because only then the button carries it as an attribute for the colours that a person forces.
      defaultProps: { variant: 'filled' },
      vars: (_theme: unknown, { variant = 'filled' }: ButtonProps) => ({
        root: variant === 'filled' ? { '--button-color': 'var(--sl-on-work)' } : {},
      }),
    },
    Checkbox: { defaultProps: { iconColor: 'var(--sl-on-work)', radius: 4 } },
  },
});

/* Mantine's own greys and red have less than 4.5:1 contrast, and its outlines less than 3:1. */
const ours = {
  '--mantine-color-body': 'var(--sl-card)',
  '--mantine-color-text': 'var(--sl-text)',
  '--mantine-color-dimmed': 'var(--sl-quiet)',
  '--mantine-color-placeholder': 'var(--sl-quiet)',
  '--mantine-color-error': 'var(--sl-bad)',
  '--mantine-color-default': 'var(--sl-card)',
  '--mantine-color-default-hover': 'var(--sl-raised)',
  '--mantine-color-default-color': 'var(--sl-text)',
  '--mantine-color-default-border': 'var(--sl-edge)',
  '--mantine-color-disabled': 'var(--sl-raised)',
  '--mantine-color-disabled-color': 'var(--sl-quiet)',
  '--mantine-color-disabled-border': 'var(--sl-edge)',
  '--mantine-color-anchor': 'var(--sl-work)',
  '--mantine-color-deep-light-color': 'var(--sl-work)',
};

/** Gives Mantine the window's own colours. */
export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: ours, dark: ours });
