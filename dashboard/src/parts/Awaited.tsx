/** What stands where the desk's own data will: bars while it comes, words where no desk answers. */
import { useTopic } from "../push/useTopic";
import { Empty, Waiting } from "./States";

/** Return why the desk cannot be asked, as far as is known; null while it can. */
export function useDeskAway(): string | null {
  const desk = useTopic("desk");
  return desk?.is_connected === false ? desk.words || "it is away" : null;
}

export function Awaited({ lines }: { lines?: number }) {
  const away = useDeskAway();
  if (away === null) return <Waiting {...(lines ? { lines } : {})} />;
  return <Empty title="The desk does not answer">{away}</Empty>;
}
