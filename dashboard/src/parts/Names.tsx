/** Several names in one field, with commas or spaces between. */
import { TextInput } from "@mantine/core";
import { useId, useState } from "react";

/** Return the names in a text, each once. */
export function namesIn(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).filter(Boolean))];
}

export function Names({
  label,
  description,
  known = [],
  required = false,
  onNames,
}: {
  label: string;
  description: string;
  known?: readonly string[];
  required?: boolean;
  onNames: (names: string[]) => void;
}) {
  const [text, setText] = useState("");
  const list = useId();
  // A browser offers what fits the whole text: so what stands before the last name goes along.
  const before = /^(.*[\s,;])?[^\s,;]*$/s.exec(text)?.[1] ?? "";
  const left = known.filter((name) => !namesIn(before).includes(name));
  return (
    <>
      <TextInput
        label={label}
        description={description}
        withAsterisk={required}
        autoComplete="off"
        spellCheck={false}
        list={list}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          onNames(namesIn(event.currentTarget.value));
        }}
      />
      <datalist id={list}>
        {left.map((name) => (
          <option key={name} value={`${before}${name}`} />
        ))}
      </datalist>
    </>
  );
}
