import { Code, MantineProvider } from "@mantine/core";
import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { worded } from "./worded";

const code = (text: string) => shown(<Code>{text}</Code>);

function shown(words: ReactNode): string {
  return renderToStaticMarkup(<MantineProvider>{words}</MantineProvider>);
}

test.each([
  ["", ""],
  ["start it again", "start it again"],
  ["`crossdock run` starts one", `${code("crossdock run")} starts one`],
  ["see `a` or `b`", `see ${code("a")} or ${code("b")}`],
  ["a lone ` says nothing", "a lone ` says nothing"],
])("%o shows what is typed as it is", (words, as) => {
  const bare = (html: string) => html.replace(/<style.*?<\/style>/gs, "");
  expect(bare(shown(worded(words)))).toBe(bare(as));
});
