import "@mantine/core/styles.css";
import { MantineProvider } from "@mantine/core";
import { createRoot } from "react-dom/client";

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <MantineProvider defaultColorScheme="dark">
      <p>Crossdock</p>
    </MantineProvider>,
  );
}
