/** The keyboard: g and a letter goes to a page; a page adds keys of its own. */
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { pages } from "../pages";

const CHORD_MS = 1_200;

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  if (!target) return false;
  if (target instanceof HTMLInputElement) return !/^(checkbox|radio|button)$/.test(target.type);
  return target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Leave the field: what is pressed next is a key of the page again, not what is typed. */
function leave(event: KeyboardEvent): void {
  if (event.target instanceof HTMLElement) event.target.blur();
}

/** Call what a key stands for, unless somebody types, a dialog is open, or a key is held with it. */
export function useKey(key: string, act: () => void): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== key || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event) || document.querySelector('[role="dialog"]')) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [key, act]);
}

export function useKeys(): void {
  const navigate = useNavigate();
  useEffect(() => {
    let begun = 0;
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event)) {
        if (event.key === "Escape" && !document.querySelector('[role="dialog"]')) leave(event);
        return;
      }
      if (event.key === "g") {
        begun = event.timeStamp;
        return;
      }
      const page = pages.find((each) => each.letter === event.key);
      if (page && begun && event.timeStamp - begun < CHORD_MS) {
        event.preventDefault();
        event.stopImmediatePropagation(); // the letter alone may mean something on a page
        void navigate({ to: page.path });
      }
      begun = 0;
    };
    window.addEventListener("keydown", pressed, { capture: true });
    return () => window.removeEventListener("keydown", pressed, { capture: true });
  }, [navigate]);
}
