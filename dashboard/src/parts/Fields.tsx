/** The fields of a form that the desk describes. */
import { NativeSelect, PasswordInput, Stack, Switch, TextInput } from "@mantine/core";
import type { Field, Texts } from "./form";

export function Fields({
  fields,
  texts,
  faults,
  onChange,
}: {
  fields: readonly Field[];
  texts: Texts;
  faults: Readonly<Record<string, string>>;
  onChange: (texts: Texts) => void;
}) {
  return (
    <Stack gap="sm">
      {fields.map((field) => (
        <OneField
          key={field.name}
          field={field}
          text={texts[field.name] ?? ""}
          fault={faults[field.name] ?? ""}
          onText={(text) => onChange({ ...texts, [field.name]: text })}
        />
      ))}
    </Stack>
  );
}

function OneField({
  field,
  text,
  fault,
  onText,
}: {
  field: Field;
  text: string;
  fault: string;
  onText: (text: string) => void;
}) {
  const same = {
    label: field.name.replaceAll("_", " "),
    description: field.help,
    withAsterisk: field.required,
    error: fault ? `${field.name} ${fault}` : null,
  };
  if (field.type === "bool") {
    return (
      <Switch
        label={same.label}
        description={same.description}
        checked={text === "true"}
        onChange={(event) => onText(String(event.currentTarget.checked))}
      />
    );
  }
  if (field.choices.length > 0) {
    const data = field.start || field.required ? field.choices : ["", ...field.choices];
    return (
      <NativeSelect
        {...same}
        data={[...data]}
        value={text}
        onChange={(event) => onText(event.currentTarget.value)}
      />
    );
  }
  if (field.secret) {
    return (
      <PasswordInput
        {...same}
        // Password managers of browsers would keep it, and it is nobody's to keep.
        autoComplete="one-time-code"
        data-1p-ignore
        spellCheck={false}
        value={text}
        onChange={(event) => onText(event.currentTarget.value)}
      />
    );
  }
  return (
    <TextInput
      {...same}
      autoComplete="off"
      spellCheck={false}
      inputMode={field.type === "int" ? "numeric" : field.type === "text" ? "text" : "decimal"}
      placeholder={field.start || undefined}
      value={text}
      onChange={(event) => onText(event.currentTarget.value)}
    />
  );
}
