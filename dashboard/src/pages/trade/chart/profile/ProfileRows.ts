/** Draws a volume profile at the right edge of a chart, behind its candles. */
import type {
  IPrimitivePaneRenderer,
  ISeriesPrimitive,
  SeriesAttachedParameter,
  Time,
} from "lightweight-charts";
import type { Profile } from "./profile";

type Target = Parameters<IPrimitivePaneRenderer["draw"]>[0];
type Scope = Parameters<Parameters<Target["useBitmapCoordinateSpace"]>[0]>[0];

const WIDEST = 0.3; // of the pane, for the fullest row
const hues = {
  dark: { control: "#38aabb", area: "#8b98ab66", other: "#8b98ab2e" },
  light: { control: "#0a6c7c", area: "#5a667859", other: "#5a667826" },
};

export class ProfileRows implements ISeriesPrimitive<Time>, IPrimitivePaneRenderer {
  private profile: Profile | null = null;
  private on: SeriesAttachedParameter<Time> | null = null;
  private readonly views = [{ zOrder: () => "bottom" as const, renderer: () => this }];

  constructor(private readonly scheme: "dark" | "light") {}

  show(profile: Profile | null): void {
    if (profile === this.profile) return;
    this.profile = profile;
    this.on?.requestUpdate();
  }

  attached(on: SeriesAttachedParameter<Time>): void {
    this.on = on;
  }

  detached(): void {
    this.on = null;
  }

  paneViews() {
    return this.views;
  }

  draw(target: Target): void {
    // biome-ignore lint/correctness/useHookAtTopLevel: a canvas' own method, no hook of React
    target.useBitmapCoordinateSpace((scope) => this.paint(scope));
  }

  private paint({ context, bitmapSize, verticalPixelRatio: ratio }: Scope): void {
    const { profile, on } = this;
    if (!profile || !on) return;
    const { bottom, step, rows, peak, area } = profile;
    const hue = hues[this.scheme];
    const most = rows[peak] ?? 0;
    const heightOf = (price: number) =>
      Math.round((on.series.priceToCoordinate(price) ?? 0) * ratio);
    rows.forEach((volume, row) => {
      const [one, other] = [heightOf(bottom + row * step), heightOf(bottom + (row + 1) * step)];
      const height = Math.abs(one - other);
      const gap = height > 3 * ratio ? Math.round(ratio) : 0; // tells rows apart
      const width = Math.round((bitmapSize.width * WIDEST * volume) / most);
      const isInside = row >= area[0] && row <= area[1];
      context.fillStyle = row === peak ? `${hue.control}a6` : isInside ? hue.area : hue.other;
      const top = Math.min(one, other);
      context.fillRect(bitmapSize.width - width, top, width, Math.max(height - gap, 1));
    });
    context.fillStyle = hue.control;
    const line = Math.max(Math.round(ratio), 1);
    context.fillRect(0, heightOf(bottom + (peak + 0.5) * step), bitmapSize.width, line);
  }
}
