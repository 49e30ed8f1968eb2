import { useTopic } from "../push/useTopic";

/** Return the instruments that are held or have a book, in an order that stays as they move. */
export function useInstruments(): string[] {
  const positions = useTopic("positions") ?? [];
  const books = useTopic("books") ?? [];
  const held = positions.flatMap((row) => (row.instrument ? [row.instrument] : []));
  return [...new Set([...held, ...books.map((book) => book.instrument)])].sort();
}
