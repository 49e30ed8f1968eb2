import type { CSSProperties, ReactNode } from "react";

/** A titled box that scrolls within itself. */
export function Panel({
  title,
  actions,
  children,
  padded = false,
  style,
  id,
}: {
  title: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  padded?: boolean;
  style?: CSSProperties;
  id?: string;
}) {
  return (
    <section className="panel" style={style} aria-label={typeof title === "string" ? title : id}>
      <header>
        <h2>{title}</h2>
        {actions}
      </header>
      <div className={padded ? "body padded" : "body"}>{children}</div>
    </section>
  );
}
