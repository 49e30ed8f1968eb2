/** Something new of one of several kinds: the kind is chosen first, then its form is filled in. */
import { Drawer, NativeSelect, Stack } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Asked } from "./States";

export function ChoiceDrawer<Kind>({
  opened,
  onClose,
  title,
  query,
  label,
  about,
  choiceOf,
  picker,
  chosen,
  onChoose,
  form,
  none,
}: {
  opened: boolean;
  onClose: () => void;
  title: string;
  /** Tells which kinds there are. */
  query: UseQueryResult<Kind[]>;
  label: string;
  /** What to say of the choice; of a kind, once it is chosen. */
  about: (kind: Kind | undefined) => string;
  choiceOf: (kind: Kind) => { value: string; label: string };
  /** What one is chosen with; without it, a plain list of all. */
  picker?: (kinds: readonly Kind[], about: string) => ReactNode;
  chosen: string;
  onChoose: (value: string) => void;
  form: (kind: Kind) => ReactNode;
  /** What stands in place of the form until a kind is chosen. */
  none?: (kinds: readonly Kind[]) => ReactNode;
}) {
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size="lg" title={title}>
      <Asked query={query} lines={8}>
        {(kinds) => {
          const kind = kinds.find((each) => choiceOf(each).value === chosen);
          return (
            <Stack gap="md">
              {picker?.(kinds, about(kind)) ?? (
                <NativeSelect
                  label={label}
                  description={about(kind)}
                  value={kind === undefined ? "" : chosen}
                  onChange={(event) => onChoose(event.currentTarget.value)}
                  data={[{ value: "", label: "choose one" }, ...kinds.map(choiceOf)]}
                />
              )}
              {kind === undefined ? none?.(kinds) : form(kind)}
            </Stack>
          );
        }}
      </Asked>
    </Drawer>
  );
}
