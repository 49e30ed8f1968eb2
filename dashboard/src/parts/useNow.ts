/** The time, for what shows how old something is and goes on counting. */
import { useEffect, useState } from "react";

export function useNow(everyMs = 1_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const ticking = window.setInterval(() => setNow(Date.now()), everyMs);
    return () => window.clearInterval(ticking);
  }, [everyMs]);
  return now;
}
