/** Several backtests side by side: curves in one chart, figures in one table. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, type Shapes, told } from "../../api/client";
import { plain } from "../../parts/Facts";
import { Lines, lineColor } from "../../parts/Lines";
import { Panel } from "../../parts/Panel";
import { Asked } from "../../parts/States";
import classes from "./Backtests.module.css";
import { bestOf, growth, labelOf, shown } from "./figures";
import { Way } from "./Way";

export function Compare({
  ids,
  onBack,
  onRun,
}: {
  ids: readonly string[];
  onBack: () => void;
  onRun: (id: string) => void;
}) {
  const query = useQuery({
    queryKey: ["backtests", "compare", ...ids],
    queryFn: () =>
      told(api.GET("/api/v1/backtests/compare", { params: { query: { ids: ids.join(",") } } })),
  });
  return (
    <>
      <Way onBack={onBack} />
      <Asked query={query} lines={10}>
        {(comparison) => <SideBySide comparison={comparison} onRun={onRun} />}
      </Asked>
    </>
  );
}

/** As long as a column bears; the rest on a pointer's stay. */
function Words({ value }: { value: unknown }) {
  const words = plain(value);
  return (
    <span className={classes.words} title={words}>
      {words}
    </span>
  );
}

function SideBySide({
  comparison,
  onRun,
}: {
  comparison: Shapes["Comparison"];
  onRun: (id: string) => void;
}) {
  const { runs, rows } = comparison;
  const told = rows.filter((row) => !row.name.endsWith("sha256"));
  const lines = useMemo(
    () =>
      runs.map((run, at) => ({
        name: `${at + 1}: ${run.strategy} ${run.symbol}`,
        points: growth(run.equity),
      })),
    [runs],
  );
  return (
    <div className={classes.stack}>
      <Panel title="Growth in percent">
        <Lines lines={lines} label="growth of every run in percent" />
      </Panel>
      <Panel title="Side by side">
        <table className="rows" aria-label="figures side by side">
          <thead>
            <tr>
              <th scope="col">Figure</th>
              {runs.map((run, at) => (
                <th key={run.id} scope="col" className="number">
                  <button type="button" onClick={() => onRun(run.id)} title={run.id}>
                    <span style={{ color: lineColor(at) }}>━</span> {at + 1}: {run.strategy}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {told.map((row) => {
              const isFigure = row.what === "figures";
              const best = isFigure ? bestOf(row.name, row.values) : -1;
              return (
                <tr key={`${row.what} ${row.name}`}>
                  <th scope="row" className={row.differs ? "" : "faint"}>
                    {isFigure ? labelOf(row.name) : `${row.name.replaceAll("_", " ")}`}
                  </th>
                  {row.values.map((value, at) => (
                    <td key={runs[at]?.id ?? at} className="number">
                      {at === best ? <b title="the best of them">★ </b> : null}
                      {isFigure ? shown(row.name, value) : <Words value={value} />}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </Panel>
    </div>
  );
}
