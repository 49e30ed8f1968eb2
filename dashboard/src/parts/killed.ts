/** A kill switch says who used it and, where they said so, why. */
export function becauseOf(killed: string | boolean): string {
  if (typeof killed === "boolean") return "";
  const words = killed.trim();
  if (!words) return "";
  return ` by ${words.replace(/:$/, "")}`;
}
