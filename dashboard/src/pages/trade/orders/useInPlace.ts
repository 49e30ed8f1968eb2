/** Rows hold still while somebody aims at one: a click is to hit the order that was looked at. */
import { type FocusEvent, useEffect, useRef, useState } from "react";
import { inPlace, type Order } from "./orders";

export function useInPlace(rows: readonly Order[], known: readonly Order[]) {
  const around = useRef<HTMLDivElement>(null);
  const before = useRef<readonly Order[]>([]);
  const [isOver, setOver] = useState(false);
  const [isIn, setIn] = useState(false);
  // A button that is disabled loses the focus without a word of it.
  const isHeld = isOver || (isIn && Boolean(around.current?.contains(document.activeElement)));
  const shown = isHeld ? inPlace(before.current, rows, known) : rows;
  useEffect(() => {
    before.current = shown;
  });
  return {
    shown,
    hold: {
      ref: around,
      onPointerEnter: () => setOver(true),
      onPointerLeave: () => setOver(false),
      // By the keyboard; where a pointer has clicked, the pointer itself holds.
      onFocus: (event: FocusEvent) => setIn(event.target.matches(":focus-visible")),
      onBlur: () => setIn(false),
    },
  };
}
