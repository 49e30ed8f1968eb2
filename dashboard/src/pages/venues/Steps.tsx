/** The eight steps of a session: a shape, a name and a word each. */
import { Tooltip } from "@mantine/core";
import classes from "./Steps.module.css";
import { steps, type Tone, toneOf } from "./sessions";

const marks: Record<Tone, [mark: string, name: string]> = {
  well: ["✓", "up"],
  waiting: ["…", "faint"],
  ill: ["!", "down"],
};

export function Steps({ told }: { told: Readonly<Record<string, string>> }) {
  return (
    <ol className={classes.steps} aria-label="steps of the session">
      {steps.map(([name, title, proves]) => {
        const word = told[name] ?? "";
        const [mark, tone] = marks[toneOf(word)];
        return (
          <Tooltip key={name} label={`${proves}`} withArrow openDelay={400}>
            <li>
              <span className={tone}>{mark}</span> {title}
              <small className={tone}>{word || "not known"}</small>
            </li>
          </Tooltip>
        );
      })}
    </ol>
  );
}

/** The same in a row of a table: eight marks. */
export function StepMarks({
  told,
  isData,
}: {
  told: Readonly<Record<string, string>>;
  /** Whether it only brings market data, so that there is no session to tell of. */
  isData: boolean;
}) {
  const known = steps.filter(([name]) => name in told);
  if (known.length === 0) return <span className="faint">{isData ? "data only" : "–"}</span>;
  const done = known.filter(([name]) => toneOf(told[name] ?? "") === "well").length;
  return (
    <span role="img" aria-label={`${done} of ${known.length} steps`} className={classes.marks}>
      {known.map(([name, title]) => {
        const word = told[name] ?? "";
        const [mark, tone] = marks[toneOf(word)];
        return (
          <span key={name} className={tone} title={`${title}: ${word}`}>
            {mark}
          </span>
        );
      })}
    </span>
  );
}
