/** Something that is shown once: to be copied now or never. */
import { Alert, Button, Code, CopyButton, Group, Modal, Stack, Text } from "@mantine/core";

export function Once({
  title,
  secret,
  words,
  onClose,
}: {
  title: string;
  secret: string;
  words: string;
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
        <Group justify="flex-end">
          <CopyButton value={secret}>
            {({ copied, copy }) => (
              <Button variant="light" onClick={copy}>
                {copied ? "✓ Copied" : "Copy"}
              </Button>
            )}
          </CopyButton>
          <Button onClick={onClose}>I have it</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
