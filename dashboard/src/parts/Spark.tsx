/** A curve without axes, as wide as a word. */
export function Spark({
  values,
  label,
  width = 96,
  height = 24,
}: {
  values: readonly number[];
  label: string;
  width?: number;
  height?: number;
}) {
  if (values.length < 2) return <span className="faint">–</span>;
  const low = Math.min(...values);
  const high = Math.max(...values);
  const drawn = values.map((value, at) => {
    const x = (at / (values.length - 1)) * (width - 2) + 1;
    const y =
      high === low ? height / 2 : height - 2 - ((value - low) / (high - low)) * (height - 4);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  const rose = (values.at(-1) ?? 0) >= (values[0] ?? 0);
  return (
    <svg width={width} height={height} role="img" aria-label={label}>
      <polyline
        points={drawn.join(" ")}
        fill="none"
        stroke={rose ? "var(--up)" : "var(--down)"}
        strokeWidth={1.5}
      />
    </svg>
  );
}
