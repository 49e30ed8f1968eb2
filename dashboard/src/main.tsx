import "./mantine.css";
import "@mantine/notifications/styles.layer.css";
import "./app.css";
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Problem } from "./api/client";
import { router } from "./router";
import { theme } from "./theme";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What the dashboard has refused with a reason it will refuse again.
      retry: (failures, error) => failures < 2 && !(error instanceof Problem && error.status < 500),
      refetchOnWindowFocus: false,
      staleTime: 5_000,
    },
  },
});

// The page may only hold the style elements that carry the word its server gave it.
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";
// Dialogs keep the page from scrolling by a style element; this is where they look for the word.
(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = nonce;
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        defaultColorScheme="dark"
        getStyleNonce={() => nonce}
        deduplicateCssVariables={false} // it makes them all, and no style sheet repeats them
      >
        <Notifications position="top-center" limit={4} />
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
