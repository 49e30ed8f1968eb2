/** What may be lost, how near every limit is, and how to stop. */
import { SimpleGrid } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, type Shapes, told } from "../../api/client";
import { Figure } from "../../parts/Figure";
import { History } from "../../parts/History";
import { grouped, Percent, Signed } from "../../parts/Num";
import { Failed, Waiting } from "../../parts/States";
import { useSinceToday } from "../../parts/useDay";
import { useTopic } from "../../push/useTopic";
import { Accounts } from "./Accounts";
import { Doubts } from "./Doubts";
import { Exposure } from "./Exposure";
import { Limits } from "./Limits";
import { arranged, isSet } from "./limits";
import classes from "./Risk.module.css";
import { Switch } from "./Switch";

export type Told = Shapes["Risk"];

export default function Risk() {
  const pushed = useTopic("risk");
  const asked = useQuery({
    queryKey: ["risk"],
    queryFn: () => told(api.GET("/api/v1/risk")),
    refetchInterval: pushed ? false : 3_000,
  });
  const risk = pushed ?? asked.data;
  if (!risk) {
    return asked.isError ? (
      <Failed error={asked.error} retry={() => void asked.refetch()} />
    ) : (
      <Waiting lines={10} />
    );
  }
  return (
    <div className={classes.page}>
      <Figures risk={risk} />
      <div className={classes.columns}>
        <div className={classes.column}>
          <Accounts accounts={risk.accounts} killed={risk.killed} />
          <Limits limits={risk.limits} />
        </div>
        <div className={classes.column} data-first>
          <Switch killed={risk.killed} />
          <Exposure exposure={risk.exposure} currency={risk.currency} />
          <Doubts />
          <History title="History" of={["drawdown", "exposure"]} />
        </div>
      </div>
    </div>
  );
}

function Figures({ risk }: { risk: Told }) {
  const { currency } = risk;
  const since = useSinceToday();
  const breached = risk.limits.filter((limit) => limit.breached).length;
  const unpriced = risk.exposure.unpriced;
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="xs">
      <Figure title="Today" note={`${currency} change of equity ${since}`.trim()}>
        <Signed value={risk.day_pnl} />
      </Figure>
      <Figure title="Drawdown" note="below the highest equity">
        <Percent value={risk.drawdown} places={2} />
      </Figure>
      <Figure
        title="Exposure, gross"
        note={
          unpriced.length > 0 ? `${currency}, without a price: ${unpriced.join(", ")}` : currency
        }
      >
        {grouped(risk.exposure.gross, 2, 2)}
      </Figure>
      <Figure title="Exposure, net" note={currency}>
        {grouped(risk.exposure.net, 2, 2)}
      </Figure>
      <Figure title="Limits" note={`${arranged(risk.limits).filter(isSet).length} set`}>
        {breached > 0 ? (
          <span className="down">! {breached} reached</span>
        ) : (
          <span className="up">✓ none reached</span>
        )}
      </Figure>
    </SimpleGrid>
  );
}
