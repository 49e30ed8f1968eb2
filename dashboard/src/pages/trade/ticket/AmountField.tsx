/** A field for an amount or a price: arrows go by the venue's step, no digit is changed unasked. */
import { TextInput, UnstyledButton } from "@mantine/core";
import type { KeyboardEvent, Ref } from "react";
import { fits, isDecimal, nudged, snapped, tidied } from "../decimal";
import classes from "./Ticket.module.css";

const LEAP = 10; // steps at once with Shift

export function AmountField({
  label,
  value,
  onChange,
  onEnter,
  step,
  unit,
  field,
  placeholder,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  onEnter?: (() => void) | undefined;
  step: string | null;
  unit?: string | undefined;
  field?: Ref<HTMLInputElement> | undefined;
  placeholder?: string | undefined;
}) {
  const text = tidied(value);
  const isOff = isDecimal(text) && !fits(text, step);
  const near = isOff ? snapped(text, step, "down") : "";

  function pressed(event: KeyboardEvent) {
    if (event.key === "Enter") onEnter?.();
    const way = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    if (!way) return;
    event.preventDefault();
    const from = isDecimal(text) ? text : "0";
    onChange(nudged(from, step, way * (event.shiftKey ? LEAP : 1)));
  }

  return (
    <TextInput
      ref={field}
      size="xs"
      label={
        <>
          <span>{label}</span>
          {isOff && (
            <UnstyledButton
              className="warn"
              fz="inherit"
              onClick={() => onChange(near)}
              title={`Not a multiple of ${step}`}
            >
              use {near}
            </UnstyledButton>
          )}
        </>
      }
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={pressed}
      inputMode="decimal"
      autoComplete="off"
      placeholder={placeholder}
      rightSection={unit && <span className={classes.unit}>{unit}</span>}
      rightSectionWidth={unit ? 48 : 0}
      rightSectionPointerEvents="none"
      classNames={{ input: classes.amount ?? "", label: classes.label ?? "" }}
      aria-label={label}
    />
  );
}
