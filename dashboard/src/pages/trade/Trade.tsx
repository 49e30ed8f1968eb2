/** Where a person trades: the market to the left, the ticket to the right, own orders below. */
import { Anchor, Text } from "@mantine/core";
import { useLocalStorage, useMediaQuery } from "@mantine/hooks";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import { useMay } from "../../api/session";
import { Awaited, useDeskAway } from "../../parts/Awaited";
import { Empty } from "../../parts/States";
import { useKey } from "../../shell/keys";
import { type Timeframe, timeframes } from "./chart/bars";
import { ChartPanel } from "./chart/ChartPanel";
import { placesOf } from "./decimal";
import { DepthPanel } from "./ladder/DepthPanel";
import { LadderPanel } from "./ladder/LadderPanel";
import { sidesOf } from "./ladder/levels";
import { useLadder } from "./ladder/useLadder";
import { choicesOf, type Listed } from "./markets";
import { OrdersPanel } from "./orders/OrdersPanel";
import { isWorking } from "./orders/orders";
import { useOrders } from "./orders/useOrders";
import { useWrites } from "./orders/useWrites";
import { SymbolBar } from "./SymbolBar";
import classes from "./Trade.module.css";
import { blank, type Side, withPrice } from "./ticket/draft";
import { Ticket } from "./ticket/Ticket";
import { useListed } from "./useListed";

const DEPTH = 20;

export default function Trade() {
  const listed = useListed();
  const search: { symbol?: unknown } = useSearch({ strict: false });
  const navigate = useNavigate();
  const [last, setLast] = useLocalStorage({ key: "trade-symbol", defaultValue: "" });

  const away = useDeskAway();

  if (!listed) return away === null ? <Awaited lines={10} /> : <Kept />;
  const choices = choicesOf(listed);
  const asked = typeof search.symbol === "string" ? search.symbol : last;
  const symbol = choices.includes(asked) ? asked : choices[0];
  if (!symbol) {
    return (
      <Empty title="Nothing can be traded yet">
        No connected account lists anything.{" "}
        <Anchor component={Link} to="/venues" inherit>
          Connect a venue
        </Anchor>
        , or wait until one that connects is ready.
      </Empty>
    );
  }
  return (
    <Desk
      key={symbol} // another market begins with an empty ticket: prices of one are wrong in another
      symbol={symbol}
      listed={listed}
      onSymbol={(chosen) => {
        setLast(chosen);
        void navigate({ to: "/trade", search: { symbol: chosen } });
      }}
    />
  );
}

/** What is left to see while no desk answers: own orders and fills, as the files tell them. */
function Kept() {
  const orders = useOrders();
  return (
    <>
      <Awaited />
      <div className={`${classes.orders} ${classes.kept}`}>
        <OrdersPanel
          symbol={null}
          orders={orders}
          listed={[]}
          writes={null}
          chosen={null}
          onChoose={() => undefined}
        />
      </div>
    </>
  );
}

function Desk({
  symbol,
  listed,
  onSymbol,
}: {
  symbol: string;
  listed: readonly Listed[];
  onSymbol: (symbol: string) => void;
}) {
  const isPhone = useMediaQuery("(max-width: 48em)") ?? false;
  const isTrader = useMay("trader");
  const mayTrade = isTrader && !isPhone;
  const [timeframe, setTimeframe] = useLocalStorage<Timeframe>({
    key: "trade-timeframe",
    defaultValue: "1m",
  });
  const [draft, setDraft] = useState(blank);
  const [chosen, setChosen] = useState<string | null>(null);
  const quantityField = useRef<HTMLInputElement>(null);
  const writes = useWrites();
  const orders = useOrders();
  const working = useMemo(() => (orders ?? []).filter(isWorking), [orders]);

  const { ladder, error } = useLadder(symbol);
  const sides = useMemo(() => (ladder ? sidesOf(ladder, DEPTH) : null), [ladder]);
  const tick = ladder?.tick ?? null;
  const places = tick ? placesOf(tick) : 2;

  const takeSide = (side: Side) => {
    if (!mayTrade) return;
    setDraft((before) => ({ ...before, side }));
    quantityField.current?.focus();
    quantityField.current?.select();
  };
  useKey("b", () => takeSide("buy"));
  useKey("s", () => takeSide("sell"));
  useKey("x", () => {
    if (mayTrade && chosen && working.some((order) => order.order_id === chosen)) {
      void writes.cancel(chosen);
    }
  });
  useKey("Escape", () => setChosen(null));

  return (
    <>
      {isTrader && isPhone && (
        <Text size="xs" className="faint" mb={4} role="note">
          Watching only: trade from a wider window; the kill switch works here.
        </Text>
      )}
      <div className={mayTrade ? classes.trade : `${classes.trade} ${classes.watching}`}>
        <SymbolBar
          symbol={symbol}
          listed={listed}
          sides={sides}
          places={places}
          onSymbol={onSymbol}
        />
        <div className={classes.chart}>
          <ChartPanel
            symbol={symbol}
            timeframe={timeframes.includes(timeframe) ? timeframe : "1m"}
            tick={tick}
            working={working}
            onTimeframe={setTimeframe}
          />
        </div>
        <div className={classes.book}>
          <LadderPanel
            ladder={ladder}
            sides={sides}
            error={error}
            onPrice={
              mayTrade ? (price) => setDraft((before) => withPrice(before, price)) : undefined
            }
            onCancel={mayTrade ? (id) => void writes.cancel(id) : undefined}
          />
        </div>
        <div className={classes.depth}>
          <DepthPanel sides={sides} places={places} />
        </div>
        <div className={classes.orders}>
          <OrdersPanel
            symbol={symbol}
            orders={orders}
            listed={listed}
            writes={isTrader ? writes : null}
            isCareful={isPhone}
            chosen={chosen}
            onChoose={setChosen}
          />
        </div>
        {mayTrade && (
          <div className={classes.ticket}>
            <Ticket
              symbol={symbol}
              listed={listed}
              draft={draft}
              onDraft={setDraft}
              quantityField={quantityField}
            />
          </div>
        )}
      </div>
    </>
  );
}
