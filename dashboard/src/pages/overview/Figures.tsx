import { SimpleGrid, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { grouped, Signed } from "../../parts/Num";
import { useTopic } from "../../push/useTopic";

function Figure({ title, children, note }: { title: string; children: ReactNode; note?: string }) {
  return (
    <section className="panel" style={{ padding: "0.55rem 0.8rem" }} aria-label={title}>
      <Text size="xs" className="faint">
        {title}
      </Text>
      <Text size="lg" fw={600} component="div" style={{ fontVariantNumeric: "tabular-nums" }}>
        {children}
      </Text>
      <Text size="xs" className="faint" mih="1.1em">
        {note}
      </Text>
    </section>
  );
}

export function Figures() {
  const status = useTopic("status");
  const portfolio = useTopic("portfolio");
  const risk = useTopic("risk");
  const currency = String(portfolio?.currency ?? status?.currency ?? "");
  // Of a desk that has told nothing, nothing is known: least of all that all is well.
  const count = (name: string) => (status ? Number(status[name] ?? 0) : "–");
  const doubts = count("doubts_open");
  const isCertain = doubts === 0;

  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="xs">
      <Figure title="Equity" note={currency}>
        {grouped(portfolio?.equity, 2, 2)}
      </Figure>
      <Figure
        title="Profit and loss"
        note={`${currency} by trading, since the journal began`.trim()}
      >
        <Signed value={portfolio?.pnl ?? (status?.pnl as string)} />
      </Figure>
      <Figure title="Today" note={`${currency} change of equity`.trim()}>
        <Signed value={portfolio?.day_pnl ?? risk?.day_pnl} />
      </Figure>
      <Figure title="Exposure" note={`${currency} gross`.trim()}>
        {grouped(risk?.exposure?.gross as string, 2, 2)}
      </Figure>
      <Figure
        title="Orders"
        note={`${count("orders")} so far, ${count("refused")} refused, ${count("rejected")} rejected`}
      >
        {count("open_orders")}{" "}
        <Text span size="sm" className="faint">
          open
        </Text>
      </Figure>
      <Figure
        title="In doubt"
        note={isCertain ? "every order's fate is known" : status ? "see what needs attention" : ""}
      >
        <span className={isCertain ? "up" : status ? "warn" : "faint"}>{doubts}</span>
      </Figure>
    </SimpleGrid>
  );
}
