import { SimpleGrid, Text } from "@mantine/core";
import { api } from "../../api/client";
import { Figure } from "../../parts/Figure";
import { AsOf, useFromFiles } from "../../parts/FromFiles";
import { grouped, Signed } from "../../parts/Num";
import { useSinceToday } from "../../parts/useDay";
import { useTopic } from "../../push/useTopic";
import { isWorking } from "../trade/orders/orders";

export function Figures() {
  const status = useTopic("status");
  const orders = useFromFiles("orders", () => api.GET("/api/v1/orders"));
  const inDoubt = useFromFiles("doubts", () => api.GET("/api/v1/doubts"));
  const portfolio = useTopic("portfolio");
  const risk = useTopic("risk");
  const currency = String(portfolio?.currency ?? status?.currency ?? "");
  // Of a desk that has told nothing, nothing is known: least of all that all is well.
  const count = (name: string) => (status ? Number(status[name] ?? 0) : "–");
  const open = status ? count("open_orders") : (orders?.rows.filter(isWorking).length ?? "–");
  const doubts = status ? count("doubts_open") : (inDoubt?.rows.length ?? "–");
  const isCertain = doubts === 0;
  const since = useSinceToday();

  return (
    <>
      {!status && <AsOf filed={orders} />}
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="xs">
        <Figure title="Equity" note={currency}>
          {grouped(portfolio?.equity, 2, 2)}
        </Figure>
        <Figure
          title="Profit and loss"
          note={
            portfolio || status?.pnl ? `${currency} by trading, since the journal began`.trim() : ""
          }
        >
          <Signed value={portfolio?.pnl ?? (status?.pnl as string)} />
        </Figure>
        <Figure
          title="Today"
          note={portfolio || risk ? `${currency} change of equity ${since}`.trim() : ""}
        >
          <Signed value={portfolio?.day_pnl ?? risk?.day_pnl} />
        </Figure>
        <Figure title="Exposure" note={risk ? `${currency} gross`.trim() : ""}>
          {grouped(risk?.exposure?.gross as string, 2, 2)}
        </Figure>
        <Figure
          title="Orders"
          note={
            status
              ? `${count("orders")} so far, ${count("refused")} refused, ${count("rejected")} rejected`
              : ""
          }
        >
          {open}{" "}
          <Text span size="sm" className="faint">
            open
          </Text>
        </Figure>
        <Figure
          title="In doubt"
          note={
            isCertain
              ? "every order's fate is known"
              : doubts === "–"
                ? ""
                : "see what needs attention"
          }
        >
          <span className={isCertain ? "up" : doubts === "–" ? "faint" : "warn"}>{doubts}</span>
        </Figure>
      </SimpleGrid>
    </>
  );
}
