import { afterEach, expect, test, vi } from "vitest";
import { eachFrame } from "./frame";

afterEach(() => vi.unstubAllGlobals());

test("what is asked for often is done once a frame, and not after it was let be", () => {
  const due = new Map<number, () => void>();
  let made = 0;
  vi.stubGlobal("requestAnimationFrame", (run: () => void) => {
    due.set(++made, run);
    return made;
  });
  vi.stubGlobal("cancelAnimationFrame", (frame: number) => due.delete(frame));
  const draw = () => {
    const now = [...due.values()];
    due.clear();
    for (const run of now) run();
  };
  const act = vi.fn();
  const [ask, drop] = eachFrame(act);
  ask();
  ask();
  expect(act).not.toHaveBeenCalled();
  draw();
  expect(act).toHaveBeenCalledTimes(1);
  ask();
  draw();
  expect(act).toHaveBeenCalledTimes(2);
  ask();
  drop();
  draw();
  expect(act).toHaveBeenCalledTimes(2);
});
