import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The build lands inside the Python package, which serves it; `npm run dev` serves the sources
// and passes what is asked of the API on to a dashboard that runs.
const dashboard = process.env.DASHBOARD_URL ?? "http://127.0.0.1:5000";

export default defineConfig({
  base: "./", // beneath wherever the dashboard is mounted: see <base> in index.html
  plugins: [react()],
  build: {
    outDir: "../src/crossdock/web/built",
    emptyOutDir: true,
    rolldownOptions: {
      output: {
        // Two shared files compress better than dozens, and all pages need nearly all of both.
        codeSplitting: {
          groups: [
            { name: "chart", test: /node_modules\/(lightweight-charts|fancy-canvas)\// },
            { name: "library", test: /node_modules/ },
            { name: "parts", test: /src\/(parts|api|push|shell)\// },
          ],
        },
      },
    },
    chunkSizeWarningLimit: 800, // kB, before compression
    assetsInlineLimit: 0, // the content security policy allows no data: scripts or fonts
  },
  server: {
    proxy: {
      // The dashboard asks where a write comes from, so the origin stays as it is.
      "/api": { target: dashboard, changeOrigin: false },
      "/health": { target: dashboard, changeOrigin: false },
      "/socket.io": { target: dashboard, changeOrigin: false, ws: true },
    },
  },
});
