/** A question before something is done that one click should not do. */
import { Button, Group, Modal, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { Failed } from "./States";

export function Ask({
  opened,
  title,
  deed,
  busy,
  error,
  disabled = false,
  color,
  children,
  onYes,
  onClose,
}: {
  opened: boolean;
  title: string;
  deed: string;
  busy: boolean;
  error?: unknown;
  disabled?: boolean;
  color?: string;
  children?: ReactNode;
  onYes: () => void;
  onClose: () => void;
}) {
  return (
    <Modal opened={opened} onClose={onClose} title={title} centered>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onYes();
        }}
      >
        <Stack gap="sm">
          {children}
          {error !== null && error !== undefined && <Failed error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Leave it
            </Button>
            <Button type="submit" loading={busy} disabled={disabled} {...(color ? { color } : {})}>
              {deed}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
