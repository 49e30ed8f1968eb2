/** Another value for a limit, with who and why, until it is taken back. */
import { Button, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { api, Problem, told } from "../../api/client";
import { Ask } from "../../parts/Ask";
import { type Deed, useDeed } from "../../parts/useDeed";
import { isOverridden, isSet, type Limit, titleOf, valueWords } from "./limits";

const LEAST_REASON = 3;

export function Override({ limit, onClose }: { limit: Limit; onClose: () => void }) {
  const [value, setValue] = useState(isSet(limit) ? (limit.value ?? "") : "");
  const [scope, setScope] = useState(limit.scope || "desk");
  const [reason, setReason] = useState("");
  const [asked, setAsked] = useState("");
  const deed: Deed<[string | null]> = useDeed(
    (given: string | null) => {
      setAsked(given ?? "");
      return told(
        api.PUT("/api/v1/risk/limits", {
          body: { name: limit.name, value: given, scope, reason, confirm: isFar ? asked : "" },
        }),
      );
    },
    {
      done: (row) => `${titleOf(row.name)}: ${valueWords(row)}`,
      renews: ["risk"],
      quiet: true,
      after: onClose,
    },
  );
  const isFar = deed.error instanceof Problem && deed.error.code === "limit-far";
  const hasReason = reason.trim().length >= LEAST_REASON;
  return (
    <Ask
      opened
      title={`Override: ${titleOf(limit.name)}`}
      deed={isFar ? "Set it all the same" : "Set"}
      color="red"
      busy={deed.busy}
      error={deed.error}
      disabled={!hasReason || value.trim() === ""}
      onYes={() => void deed.run(value.trim())}
      onClose={onClose}
    >
      <Text size="sm">
        Now {valueWords(limit)} ({limit.by}). {limit.help}
      </Text>
      <TextInput
        label="New value"
        description="A number as in the settings, or none for no limit"
        data-autofocus
        value={value}
        onChange={(event) => setValue(event.currentTarget.value)}
      />
      <TextInput
        label="Of"
        description="desk, account:NAME, portfolio:NAME, strategy:NAME or symbol:PATTERN"
        value={scope}
        onChange={(event) => setScope(event.currentTarget.value)}
      />
      <TextInput
        label="Reason, for the journal"
        withAsterisk
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {isOverridden(limit) && (
        <Button
          variant="light"
          disabled={!hasReason || deed.busy}
          onClick={() => void deed.run(null)}
        >
          Give the settings' own value back
        </Button>
      )}
    </Ask>
  );
}
