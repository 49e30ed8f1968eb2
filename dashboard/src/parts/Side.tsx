/** Bought or sold: in colour, and in words. */
export function Side({ side }: { side: string }) {
  const isBuy = side.toLowerCase() === "buy";
  return <span className={isBuy ? "up" : "down"}>{isBuy ? "Buy" : "Sell"}</span>;
}
