/** A kill switch says who used it and why, parted by a colon; the reason may be empty. */
export function becauseOf(killed: string | boolean): string {
  if (typeof killed === "boolean") return "";
  const words = killed.trim();
  if (!words) return "";
  return words.endsWith(":") ? ` by ${words.slice(0, -1)}` : `: ${words}`;
}
