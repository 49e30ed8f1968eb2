/** Other parameters for a strategy that may be running. */
import { Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { api, told } from "../../api/client";
import { Ask } from "../../parts/Ask";
import { Fields } from "../../parts/Fields";
import { changed, faults, fieldOf, startTexts } from "../../parts/form";
import { useDeed } from "../../parts/useDeed";
import type { Row } from "./rows";

export function EditParams({
  row,
  opened,
  onClose,
}: {
  row: Row;
  opened: boolean;
  onClose: () => void;
}) {
  const fields = useMemo(() => row.params_schema.map(fieldOf), [row.params_schema]);
  const before = useMemo(() => startTexts(fields, row.params), [fields, row.params]);
  const [typed, setTyped] = useState<Readonly<Record<string, string>> | null>(null);
  const texts = typed ?? before;
  const wrong = faults(fields, texts);
  const params = changed(fields, texts, before);

  function close() {
    setTyped(null);
    deed.clear();
    onClose();
  }
  const deed = useDeed(
    () =>
      told(
        api.PUT("/api/v1/strategies/{name}/params", {
          params: { path: { name: row.name } },
          body: { params },
        }),
      ),
    { done: `${row.name} has other parameters`, renews: ["strategies"], quiet: true, after: close },
  );
  return (
    <Ask
      opened={opened}
      title={`Parameters of ${row.name}`}
      deed="Set"
      busy={deed.busy}
      error={deed.error}
      disabled={Object.keys(wrong).length > 0 || Object.keys(params).length === 0}
      onYes={() => void deed.run()}
      onClose={close}
    >
      {row.state === "running" && (
        <Text size="sm">It is started anew with them, and keeps its state.</Text>
      )}
      <Fields fields={fields} texts={texts} faults={wrong} onChange={setTyped} />
    </Ask>
  );
}
