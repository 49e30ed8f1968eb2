/** Every limit, how much of it is used, and who set it. */
import { Button, Switch, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { useMay } from "../../api/session";
import { useIsOn } from "../../parts/flags";
import { grouped, Moment } from "../../parts/Num";
import { Panel } from "../../parts/Panel";
import { type Column, Rows } from "../../parts/Rows";
import { Empty } from "../../parts/States";
import { UseBar } from "../../parts/UseBar";
import {
  arranged,
  isOverridden,
  isSet,
  type Limit,
  shareOf,
  titleOf,
  usedWords,
  valueWords,
} from "./limits";
import { Override } from "./Override";

const columns: Column<Limit>[] = [
  {
    name: "name",
    title: "Limit",
    cell: (row) => (
      <span title={row.help || row.name}>
        {row.breached && <span className="down">! </span>}
        {titleOf(row.name)}
      </span>
    ),
    by: (row) => titleOf(row.name),
  },
  {
    name: "scope",
    title: "Of",
    cell: (row) => <span className="faint">{row.scope || "desk"}</span>,
    by: (row) => row.scope,
  },
  { name: "value", title: "At most", cell: valueWords, isNumber: true },
  {
    name: "use",
    title: "Used",
    cell: (row) => <Use limit={row} />,
    by: shareOf,
    width: 150,
  },
  {
    name: "by",
    title: "Set by",
    cell: (row) =>
      isOverridden(row) ? (
        <span title={row.reason}>
          <span className="warn">✎ {row.by}</span> <span className="faint">{row.reason}</span>{" "}
          {row.at != null && <Moment ns={row.at} />}
        </span>
      ) : (
        <span className="faint">settings</span>
      ),
    by: (row) => row.by,
  },
];

function Use({ limit }: { limit: Limit }) {
  if (!isSet(limit))
    return <span className="faint">{limit.used ? grouped(limit.used, 2) : ""}</span>;
  const label = `${titleOf(limit.name)} used`;
  return <UseBar share={shareOf(limit)} label={label} words={usedWords(limit)} />;
}

export function Limits({ limits }: { limits: readonly Limit[] }) {
  const [all, setAll] = useState(false);
  const [chosen, setChosen] = useState<Limit | null>(null);
  const hasRole = useMay("risk");
  const isAllowed = useIsOn("risk_override") === true;
  const may = hasRole && isAllowed;
  const shown = useMemo(
    () => arranged(limits).filter((limit) => all || isSet(limit)),
    [limits, all],
  );
  const withDeed: Column<Limit>[] = may
    ? [
        ...columns,
        {
          name: "deed",
          title: "",
          cell: (row) => (
            <Button
              size="compact-xs"
              variant="subtle"
              aria-label={`Override ${titleOf(row.name)} of ${row.scope}`}
              onClick={() => setChosen(row)}
            >
              Override
            </Button>
          ),
        },
      ]
    : columns;
  return (
    <Panel
      title="Limits"
      actions={
        <Switch
          size="xs"
          label="also those not set"
          checked={all}
          onChange={(event) => setAll(event.currentTarget.checked)}
        />
      }
    >
      <Rows
        rows={shown}
        columns={withDeed}
        keyOf={(row) => `${row.name} ${row.scope}`}
        empty={
          <Empty title="No limit is set">
            Nothing holds a strategy back. Limits are set in the settings file, under risk.
          </Empty>
        }
        label="limits"
      />
      {hasRole && !isAllowed && (
        <Text size="xs" className="faint" p="xs">
          Limits are overridden only while the switch Risk override is on; an administrator turns it
          under Settings.
        </Text>
      )}
      {chosen && (
        <Override
          key={`${chosen.name} ${chosen.scope}`}
          limit={chosen}
          onClose={() => setChosen(null)}
        />
      )}
    </Panel>
  );
}
