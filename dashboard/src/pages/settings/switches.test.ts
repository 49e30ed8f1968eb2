import { expect, it, test } from "vitest";
import { switchOf } from "./switches";

const names = [
  "trading",
  "paper_only",
  "risk_override",
  "strategy_control",
  "history",
  "notifications",
];

test.each(names)("%s says what happens either way, without its name in the settings", (name) => {
  const { title, on, off } = switchOf(name, "");
  expect(title).toMatch(/^[A-Z][a-z ]+$/);
  expect(on).not.toBe("");
  expect(off).not.toBe("");
  expect(`${on} ${off}`).not.toMatch(/_|false|true/);
});

it("lets a switch that it does not know speak for itself", () => {
  expect(switchOf("new_thing", "does this.")).toEqual({
    title: "New thing",
    on: "does this.",
    off: "",
  });
});
