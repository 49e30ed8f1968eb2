/** Forms made from what the desk says it takes: text while it is typed, a value when sent. */
export type Field = {
  name: string;
  help: string;
  type: "text" | "int" | "float" | "decimal" | "bool";
  start: string;
  required: boolean;
  secret: boolean;
  choices: readonly string[];
  least: number | null;
  most: number | null;
};

export type Texts = Readonly<Record<string, string>>;

type Told = {
  name: string;
  type?: string;
  help?: string;
  default?: unknown;
  least?: unknown;
  most?: unknown;
  choices?: readonly unknown[];
  required?: boolean;
  secret?: boolean;
};

/** Return the field that asks for one parameter or setting. */
export function fieldOf(told: Told): Field {
  const type = told.type ?? "text";
  return {
    name: told.name,
    help: told.help ?? "",
    type: isKnown(type) ? type : "text",
    start: textOf(told.default),
    required: told.required ?? false,
    secret: told.secret ?? false,
    choices: (told.choices ?? []).map(textOf),
    least: bound(told.least),
    most: bound(told.most),
  };
}

function isKnown(type: string): type is Field["type"] {
  return ["text", "int", "float", "decimal", "bool"].includes(type);
}

function bound(value: unknown): number | null {
  return value === null || value === undefined || value === "" ? null : Number(value);
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Return what a form begins with: its defaults, or what is set now. */
export function startTexts(fields: readonly Field[], now: Record<string, unknown> = {}): Texts {
  return Object.fromEntries(
    fields.map((field) => [field.name, field.name in now ? textOf(now[field.name]) : field.start]),
  );
}

/** Return what is wrong with a text, "" where nothing is. */
export function fault(field: Field, text: string): string {
  const given = text.trim();
  if (given === "") return field.required ? "is needed" : "";
  if (field.choices.length > 0 && !field.choices.includes(given)) {
    return `is one of ${field.choices.join(", ")}`;
  }
  if (field.type === "text" || field.type === "bool") return "";
  if (field.type === "int" && !/^-?\d+$/.test(given)) return "is a whole number";
  if (!/^-?(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(given)) return "is a number";
  const value = Number(given);
  if (field.least !== null && value < field.least) return `is at least ${field.least}`;
  if (field.most !== null && value > field.most) return `is at most ${field.most}`;
  return "";
}

/** Return what is wrong with a form, by field. */
export function faults(fields: readonly Field[], texts: Texts): Record<string, string> {
  const found: Record<string, string> = {};
  for (const field of fields) {
    const words = fault(field, texts[field.name] ?? "");
    if (words) found[field.name] = words;
  }
  return found;
}

/** Return what is sent: each text as its type; a decimal stays text, so that no digit is lost.
 * What is empty, or still as it began, is left to the desk. */
export function changed(
  fields: readonly Field[],
  texts: Texts,
  before: Texts = startTexts(fields),
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const field of fields) {
    const given = (texts[field.name] ?? "").trim();
    if (given === (before[field.name] ?? "").trim()) continue;
    values[field.name] = typed(field, given);
  }
  return values;
}

function typed(field: Field, given: string): unknown {
  if (field.type === "bool") return given === "true";
  if (given !== "" && (field.type === "int" || field.type === "float")) return Number(given);
  return given;
}
