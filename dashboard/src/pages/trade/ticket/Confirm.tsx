/** What stands between a large order and the market. */
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { Failed } from "../../../parts/States";
import { TypedConfirm } from "../../../parts/TypedConfirm";
import { readable } from "../reasons";
import { spoken } from "./draft";
import { Figures } from "./Figures";
import type { Question } from "./usePlacing";

export function Confirm({
  question,
  onSend,
  onClose,
}: {
  question: Question | null;
  onSend: (question: Question) => Promise<void>;
  onClose: () => void;
}) {
  if (!question) return null;
  const { terms, rehearsal, needsApproval } = question;
  const deed = terms.side === "buy" ? "Buy" : "Sell";
  const asked = (
    <>
      <Text size="sm" fw={600}>
        {rehearsal.live && <span className="mode mode-live">REAL MONEY</span>} {spoken(terms)} ·{" "}
        {terms.symbol}
      </Text>
      {needsApproval && (
        <Text size="sm" className="warn">
          {rehearsal.reasons.map(([, why]) => readable(why ?? "")).join(" · ")}. Going on is your
          approval, and is kept under your name.
        </Text>
      )}
      <Figures rehearsal={rehearsal} />
    </>
  );
  return rehearsal.confirmation === "type" || needsApproval ? (
    <TypedConfirm
      opened
      title={`${deed}: this is a large order`}
      word={`${terms.side.toUpperCase()} ${terms.quantity}`}
      deed={deed}
      onClose={onClose}
      onConfirm={() => onSend(question)}
    >
      {asked}
    </TypedConfirm>
  ) : (
    <Asking deed={deed} onClose={onClose} onConfirm={() => onSend(question)}>
      {asked}
    </Asking>
  );
}

function Asking({
  deed,
  children,
  onConfirm,
  onClose,
}: {
  deed: string;
  children: ReactNode;
  onConfirm: () => Promise<void>;
  onClose: () => void;
}) {
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);

  async function confirm() {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  }

  return (
    <Modal opened onClose={onClose} title={`${deed}?`} centered>
      <Stack gap="sm">
        {children}
        {error !== null && <Failed error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Leave it
          </Button>
          <Button
            data-autofocus
            color={deed === "Buy" ? "teal" : "red"}
            loading={isBusy}
            onClick={() => void confirm()}
          >
            {deed}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
