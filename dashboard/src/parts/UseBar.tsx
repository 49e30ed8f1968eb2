/** How much of something limited is used: a bar, and the figures beside it. */
import { Progress, Text } from "@mantine/core";

const NEAR = 0.7;
const FULL = 0.95;

/** Return the colour of a share that is used. */
export function toneOf(share: number): "dock" | "yellow" | "red" {
  if (share >= FULL) return "red";
  return share >= NEAR ? "yellow" : "dock";
}

export function UseBar({
  share,
  label,
  words,
  isProgress = false,
}: {
  share: number | null;
  label: string;
  words: string;
  /** Work that nears its end, which is no danger. */
  isProgress?: boolean;
}) {
  if (share === null) {
    return (
      <Text size="xs" className="faint">
        {words}
      </Text>
    );
  }
  const name = isProgress ? "faint" : share >= FULL ? "down" : share >= NEAR ? "warn" : "faint";
  const percent = Math.min(Math.max(share, 0), 1) * 100;
  return (
    <div style={{ minWidth: 90 }}>
      <Progress.Root size={8} radius="sm">
        <Progress.Section
          value={percent}
          color={isProgress ? "dock" : toneOf(share)}
          aria-label={label}
          aria-valuetext={words}
        />
      </Progress.Root>
      <Text size="xs" className={name}>
        {name === "down" ? "! " : ""}
        {words}
      </Text>
    </div>
  );
}
