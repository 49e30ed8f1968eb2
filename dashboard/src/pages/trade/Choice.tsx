import type { ReactNode } from "react";
import classes from "./Trade.module.css";

/** One of a few, in the head of a panel. */
export function Choice<T extends string>({
  label,
  of,
  chosen,
  onChoose,
  wordsOf = (each) => each,
  children,
}: {
  label: string;
  of: readonly T[];
  chosen: T;
  onChoose: (each: T) => void;
  wordsOf?: (each: T) => string;
  /** Switches that stand before it. */
  children?: ReactNode;
}) {
  return (
    <fieldset className={classes.choice} aria-label={label}>
      {children}
      {of.map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={each === chosen}
          onClick={() => onChoose(each)}
        >
          {wordsOf(each)}
        </button>
      ))}
    </fieldset>
  );
}
