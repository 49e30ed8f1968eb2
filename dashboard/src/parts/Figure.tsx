/** One number that matters, what it is, and what goes with it. */
import { Text } from "@mantine/core";
import type { ReactNode } from "react";

export function Figure({
  title,
  children,
  note,
}: {
  title: string;
  children: ReactNode;
  note?: ReactNode;
}) {
  return (
    <section className="panel" style={{ padding: "0.55rem 0.8rem" }} aria-label={title}>
      <Text size="xs" className="faint">
        {title}
      </Text>
      <Text size="lg" fw={600} component="div">
        {children}
      </Text>
      <Text size="xs" className="faint" mih="1.1em" component="div">
        {note}
      </Text>
    </section>
  );
}
