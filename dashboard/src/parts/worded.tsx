/** Words of the desk, in which what stands between backticks is typed as it is. */
import { Code } from "@mantine/core";
import type { ReactNode } from "react";

/** Return them as they are shown. */
export function worded(words: string): ReactNode {
  const parts = words.split(/`([^`]+)`/);
  // biome-ignore lint/suspicious/noArrayIndexKey: the same words have the same parts
  return parts.map((part, place) => (place % 2 ? <Code key={place}>{part}</Code> : part));
}
