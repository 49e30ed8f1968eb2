import { createTheme, type MantineColorsTuple } from "@mantine/core";

/** Calm blue-greys; colour is for what needs an eye. */
const ink: MantineColorsTuple = [
  "#e8ecf2",
  "#c7cfdb",
  "#a3afc0",
  "#7f8ca1",
  "#5c6a80",
  "#435064",
  "#2e3949",
  "#1f2733",
  "#151b24",
  "#0d1219",
];

const dock: MantineColorsTuple = [
  "#e3f6f8",
  "#c5e9ee",
  "#97d5de",
  "#63bfcd",
  "#38aabb",
  "#1c98aa",
  "#0f8496",
  "#0a6c7c",
  "#085563",
  "#053f4a",
];

export const theme = createTheme({
  primaryColor: "dock",
  primaryShade: { light: 7, dark: 4 },
  colors: { dark: ink, dock },
  autoContrast: true,
  defaultRadius: "sm",
  fontFamily:
    'Inter, "Segoe UI", system-ui, -apple-system, "Helvetica Neue", Arial, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace',
  fontSizes: { xs: "0.72rem", sm: "0.82rem", md: "0.9rem", lg: "1.05rem", xl: "1.3rem" },
  spacing: { xs: "0.4rem", sm: "0.6rem", md: "0.85rem", lg: "1.2rem", xl: "1.8rem" },
  cursorType: "pointer",
});
