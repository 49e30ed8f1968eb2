/** Something that is shown once: to be copied now or never. */
import { Alert, Button, Code, CopyButton, Group, Modal, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";

export function Once({
  title,
  secret,
  words,
  deed = "Copy",
  children,
  onClose,
}: {
  title: string;
  secret: string;
  words: string;
  /** What its copy button says, where there is more to copy. */
  deed?: string;
  children?: ReactNode;
  onClose: () => void;
}) {
  return (
    <Modal
      opened={secret !== ""}
      onClose={onClose}
      title={title}
      centered
      closeOnClickOutside={false}
    >
      <Stack gap="sm">
        <Alert color="yellow">
          <Text size="sm">{words}</Text>
        </Alert>
        <Code block style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
          {secret}
        </Code>
        {children}
        <Group justify="flex-end">
          <CopyButton value={secret}>
            {({ copied, copy }) => (
              <Button variant="light" onClick={copy}>
                {copied ? "✓ Copied" : deed}
              </Button>
            )}
          </CopyButton>
          <Button onClick={onClose}>I have it</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
