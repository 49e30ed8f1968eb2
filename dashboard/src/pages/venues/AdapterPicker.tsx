import { Group, Select, Text } from "@mantine/core";
import { useMemo } from "react";
import type { Shapes } from "../../api/client";
import { tierOf } from "../../parts/words";
import { type Choice, found, groupsOf } from "./adapters";

/** One adapter of many, found by typing. */
export function AdapterPicker({
  adapters,
  about,
  chosen,
  onChoose,
}: {
  adapters: readonly Shapes["Adapter"][];
  about: string;
  chosen: string;
  onChoose: (id: string) => void;
}) {
  const groups = useMemo(() => groupsOf(adapters), [adapters]);
  return (
    <Select
      label="Adapter"
      description={about}
      placeholder="Type a name"
      searchable
      data-autofocus={chosen ? undefined : true}
      data={groups}
      filter={({ search }) => found(groups, search)}
      value={chosen || null}
      onChange={(value) => value && onChoose(value)}
      onFocus={(event) => event.currentTarget.select()} // what is typed takes its place
      allowDeselect={false}
      selectFirstOptionOnChange
      nothingFoundMessage="No adapter is called that"
      maxDropdownHeight={360}
      renderOption={({ option }) => (
        <Group justify="space-between" gap="xs" flex={1} wrap="nowrap">
          {option.label}
          <Text size="xs" opacity={0.75}>
            {tierOf((option as Choice).tier).words}
          </Text>
        </Group>
      )}
    />
  );
}
