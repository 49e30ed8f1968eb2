/** A button that ends a key, or what else lets a program in, once somebody has said yes. */
import { Button, Text } from "@mantine/core";
import { useState } from "react";
import { Ask } from "../../parts/Ask";
import { useDeed } from "../../parts/useDeed";

export function End({
  name,
  words,
  renews,
  end,
}: {
  name: string;
  /** What happens then. */
  words: string;
  /** The query that lists what is left. */
  renews: string;
  end: () => Promise<unknown>;
}) {
  const [asking, setAsking] = useState(false);
  const deed = useDeed(end, { done: `${name} has ended`, renews: [renews], quiet: true });
  return (
    <>
      <Button
        size="compact-xs"
        variant="subtle"
        color="red"
        aria-label={`end ${name}`}
        onClick={() => setAsking(true)}
      >
        End
      </Button>
      <Ask
        opened={asking}
        title={`End ${name}`}
        deed="End it"
        color="red"
        busy={deed.busy}
        error={deed.error}
        onYes={() => void deed.run()}
        onClose={() => setAsking(false)}
      >
        <Text size="sm">{words}</Text>
      </Ask>
    </>
  );
}
