/** What a venue allows, how much of it is taken, and by whom. */
import { Text } from "@mantine/core";
import type { Shapes } from "../../api/client";
import { grouped } from "../../parts/Num";
import { Panel } from "../../parts/Panel";
import { span } from "../../parts/span";
import { UseBar } from "../../parts/UseBar";
import type { Account } from "./Accounts";
import { NO_DESK } from "./sessions";
import classes from "./Venues.module.css";

export function UsagePanel({ account }: { account: Account }) {
  return (
    <Panel title="Limits used" padded>
      {account.usage.length === 0 && (
        <Text size="sm" className="faint">
          {account.standing === NO_DESK
            ? "Not known while no desk runs."
            : "Nothing has been asked of this venue yet."}
        </Text>
      )}
      {account.usage.map((row) => (
        <Host key={row.host} usage={row} />
      ))}
    </Panel>
  );
}

function Host({ usage }: { usage: Shapes["Integration"] }) {
  const wrong = Object.entries(usage.errors);
  return (
    <div style={{ marginBottom: "0.6rem" }}>
      <Text size="sm" fw={500} mb={4}>
        {usage.host}{" "}
        <Text span size="xs" className="faint">
          {grouped(usage.calls)} calls
          {usage.success_pct !== null && `, ${grouped(usage.success_pct, 1)} % answered well`}
          {usage.p95_ms !== null && `, 95 % within ${grouped(usage.p95_ms, 0)} ms`}
        </Text>
      </Text>
      <div className={classes.quotas}>
        {usage.quotas.map((quota) => (
          <UseBar
            key={`${quota.scope} ${quota.per_s}`}
            share={quota.used_pct === null ? null : quota.used_pct / 100}
            label={`${quota.scope} limit of ${usage.host}`}
            words={quotaWords(quota)}
          />
        ))}
      </div>
      {wrong.length > 0 && (
        <Text size="xs" className="warn" mt={4}>
          ! {wrong.map(([name, count]) => `${name} × ${count}`).join(", ")}
        </Text>
      )}
    </div>
  );
}

function quotaWords(quota: Shapes["Quota"]): string {
  const foreign = quota.foreign ?? 0;
  const used = grouped((quota.ours ?? 0) + foreign, 0);
  const others = foreign > 0 ? `, ${grouped(foreign, 0)} by others` : "";
  return `${quota.scope}: ${used} of ${grouped(quota.limit, 0)} in ${span(quota.per_s)}${others}`;
}
