/** Strategies tried on the past: started here, told one by one, and side by side. */
import { useAddress } from "../../parts/address";
import { Compare } from "./Compare";
import { List } from "./List";
import { Result } from "./Result";

export default function Backtests() {
  const [said, say] = useAddress();
  const compared = (said.compare ?? "").split(",").filter(Boolean);
  if (said.run) return <Result id={said.run} onBack={() => say({ run: null })} />;
  if (compared.length > 1) {
    return (
      <Compare ids={compared} onBack={() => say({ compare: null })} onRun={(run) => say({ run })} />
    );
  }
  return (
    <List onRun={(run) => say({ run })} onCompare={(ids) => say({ compare: ids.join(",") })} />
  );
}
