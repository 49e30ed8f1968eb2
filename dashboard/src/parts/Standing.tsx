/** How something stands: a shape and a word, beside the colour. */
import { Badge, Tooltip } from "@mantine/core";
import { meaningOf } from "./words";

const looks: Record<string, [color: string, mark: string]> = {
  ok: ["teal", "●"],
  ready: ["teal", "●"],
  running: ["teal", "▶"],
  done: ["teal", "✓"],
  open: ["teal", "●"],
  New: ["blue", "○"],
  PartiallyFilled: ["blue", "◐"],
  Filled: ["teal", "✓"],
  Canceled: ["gray", "×"],
  Rejected: ["red", "✗"],
  Expired: ["gray", "×"],
  PendingNew: ["grape", "→"],
  NeverAccepted: ["gray", "×"],
  Unknown: ["orange", "?"],
  Sent: ["grape", "→"],
  Journaled: ["grape", "✎"],
  quiet: ["yellow", "◌"],
  paused: ["yellow", "❚❚"],
  recovering: ["yellow", "↻"],
  connecting: ["yellow", "↻"],
  stale: ["orange", "!"],
  skewed: ["orange", "!"],
  expiring: ["orange", "!"],
  mute: ["red", "!"],
  down: ["red", "✗"],
  lost: ["red", "✗"],
  failed: ["red", "✗"],
  quarantined: ["red", "!"],
  closed: ["gray", "×"],
  renamed: ["gray", "→"],
  stopped: ["gray", "■"],
  removed: ["gray", "■"],
  halted: ["red", "!"],
  away: ["orange", "!"],
  queued: ["gray", "◌"],
  cancelled: ["gray", "×"],
  private: ["gray", "◌"],
  "no desk": ["gray", "○"],
};

export function Standing({
  word,
  why,
  shown = word,
}: {
  word: string;
  why?: string | null;
  /** What stands for the word where there is little room. */
  shown?: string;
}) {
  const [color, mark] = looks[word] ?? ["gray", "·"];
  const hint = why || meaningOf(word);
  const badge = (
    <Badge
      color={color}
      variant="light"
      size="sm"
      radius="sm"
      tt="none"
      miw="max-content" // a table scrolls before a word is cut
      leftSection={mark}
      styles={{ label: { overflow: "visible" } }}
    >
      {shown}
    </Badge>
  );
  return hint ? (
    <Tooltip label={hint} multiline maw={360} withArrow>
      {badge}
    </Tooltip>
  ) : (
    badge
  );
}
