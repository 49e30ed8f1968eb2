import { expect, test } from "vitest";
import { readAddress } from "./address";

test("an id of nineteen digits stays as it is written, quoted or not", () => {
  const id = "1234567890123456789";
  expect(readAddress(`?story=${id}`)).toEqual({ story: id });
  expect(readAddress(`?story=%22${id}%22`)).toEqual({ story: id });
});

test("text that only looks quoted is left alone", () => {
  expect(readAddress('?text="half')).toEqual({ text: '"half' });
  expect(readAddress("")).toEqual({});
});
