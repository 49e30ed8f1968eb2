/** What was seen of an account, step by step. */
import { Alert, Stack, Text } from "@mantine/core";
import type { Shapes } from "../../api/client";
import { type Fact, Facts } from "../../parts/Facts";
import { Num } from "../../parts/Num";
import { Standing } from "../../parts/Standing";
import { worded } from "../../parts/worded";
import { type Tone, triedSteps } from "./sessions";

const marks: Record<Tone, [mark: string, look: string]> = {
  well: ["✓", "up"],
  waiting: ["·", "faint"],
  ill: ["✗", "down"],
};

export function Seen({
  seen,
  title = "What was seen",
}: {
  seen: Shapes["Connected"];
  title?: string;
}) {
  const isWell = seen.standing === "ready";
  const steps: Fact[] = triedSteps(seen).map(({ name, word, tone }) => {
    const [mark, look] = marks[tone];
    return [
      name,
      <span key={name} className={look}>
        {mark} {word}
      </span>,
    ];
  });
  return (
    <Alert color={isWell ? "teal" : "red"} title={title} role="status">
      <Stack gap="sm">
        <div>
          <Standing word={seen.standing} />
          {seen.reason && <Text size="sm">{worded(seen.reason)}</Text>}
          {seen.hint && <Text size="sm">{worded(seen.hint)}</Text>}
        </div>
        <Facts facts={steps} />
        {seen.balances.length > 0 && (
          <Facts
            facts={seen.balances.map((balance) => [
              balance.asset ?? "",
              <Num key={balance.asset} value={balance.total} />,
            ])}
          />
        )}
      </Stack>
    </Alert>
  );
}
