"""Alpaca: US stocks, options and coins, on paper and for money."""

from crossdock.model import Contingency, OrderType, TimeInForce
from crossdock.ports import (
    Can,
    Evidence,
    IdCodec,
    Lookup,
    Manifest,
    RateLimit,
    Resend,
    Setting,
    Tier,
    Uniqueness,
)

_DOCS = "https://docs.alpaca.markets/docs"
_REFERENCE = "https://docs.alpaca.markets/reference"
_READ = ", read 2026-11-21"
_FIVE_YEARS_S = 5 * 365.25 * 86_400.0

MANIFEST = Manifest(
    id="alpaca",
    kind="venue",
    name="Alpaca",
    docs_url=f"{_DOCS}/getting-started-with-trading-api",
    factory="crossdock.adapters.venues.alpaca.venue:Alpaca",
    can=frozenset(
        {
            Can.INSTRUMENTS,
            Can.MARKET_STREAM,
            Can.BOOK_SNAPSHOT,
            Can.SUBMIT,
            Can.REPLACE,
            Can.CANCEL_ALL,
            Can.ORDER_LOOKUP,
            Can.OPEN_ORDERS,
            Can.FILL_HISTORY,
            Can.ACCOUNT_HISTORY,
            Can.BALANCES,
            Can.POSITIONS,
            Can.ACCOUNT_STREAM,
            Can.SERVER_TIME,
            Can.BAR_HISTORY,
            Can.QUOTE_HISTORY,
            Can.TRADE_HISTORY,
            Can.OPTION_CHAINS,
            Can.ACCOUNT_FACTS,
            Can.CALENDAR,
            Can.AUCTIONS,
        }
    ),
    order_types=frozenset(
        {
            OrderType.MARKET,
            OrderType.LIMIT,
            OrderType.STOP,
            OrderType.STOP_LIMIT,
            OrderType.TRAILING_STOP,
        }
    ),
    times_in_force=frozenset(
        {TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK}
    ),
    contingencies=frozenset(Contingency),
    most_legs=2,
    evidence=Evidence(
        client_id=IdCodec.TEXT,
        client_id_length=128,  # docs.alpaca.markets/reference/postorder
        lookup=Lookup.ANY_ORDER,  # by client_order_id, in any state
        # An id stays taken after its order was canceled:
        # https://github.com/alpacahq/alpaca-py/issues/260
        uniqueness=Uniqueness.FOREVER,
        retention_s=_FIVE_YEARS_S,
        # A submit carries no time, so nothing there refuses a late one. A minute is what
        # a gateway on the way can hold a request for.
        arrival_horizon_s=60.0,
        visibility_lag_s=5.0,
        silence_s=10.0,
        resend=Resend.NEVER,
    ),
    settings={
        "key": Setting(help="The API key id (PK… on paper, AK… for money)"),
        "key_secret": Setting(help="The secret that was shown once, with the key"),
        "environment": Setting(
            help="Trade on paper, or for money; each has keys of its own",
            default="paper",
            choices=("paper", "live"),
        ),
        "feed": Setting(
            help="Which prices of stocks: one exchange's (iex, free), all exchanges' (sip) "
            "or these 15 minutes late (delayed_sip)",
            default="iex",
            choices=("iex", "sip", "delayed_sip"),
        ),
        "options_feed": Setting(
            help="Which prices of options: derived (indicative, free) or consolidated (opra)",
            default="indicative",
            choices=("indicative", "opra"),
        ),
        "option_underlyings": Setting(
            help="The stocks whose options are listed, as AAPL, SPY; options that are held "
            "or ordered are listed besides",
            default="",
        ),
        "extended_hours": Setting(
            help="Let simple limit day orders in stocks trade outside regular hours too",
            default="no",
            choices=("no", "yes"),
        ),
        "url": Setting(
            help="Another address of the Trading API, as of a sandbox or a proxy",
            default="",
        ),
        "data_url": Setting(help="Another address of the Market Data API", default=""),
        "stream_url": Setting(
            help="Another address of the streams of market data", default=""
        ),
    },
    rate_limits=(
        # 200 a minute for an account, by X-RateLimit-Limit, -Remaining and -Reset:
        # https://alpaca.markets/support/usage-limit-api-calls, read 2026-11-21.
        RateLimit(scope="trading", calls=200, per_s=60.0, reserve=40),
        # The free plan; replies say what is left:
        # https://docs.alpaca.markets/docs/about-market-data-api, read 2026-11-21.
        RateLimit(scope="data", calls=200, per_s=60.0),
    ),
    rejection_codes={
        "40010000": f"{_REFERENCE}/postorder (400, the request is malformed){_READ}",
        "40010001": f"{_REFERENCE}/postorder (422, a parameter is not recognised){_READ}",
        "40310000": f"{_REFERENCE}/postorder (403, buying power or shares do not suffice; "
        f"a wash trade){_READ}",
        "40310100": f"{_DOCS}/user-protection (403, protection of day traders){_READ}",
        "40410000": f"{_REFERENCE}/deleteorderbyorderid-1 (404, no such order){_READ}",
        "42210000": f"{_DOCS}/orders-at-alpaca (422, not tradable, not a valid price, not "
        f"cancelable, not replaceable){_READ}",
    },
    tier=Tier.SANDBOXED,
    tier_date="2026-11-21",
    oddities=(
        (
            "Stocks are AAPL/USD and balances, not positions; shares sold short are a balance "
            "below zero. To sell short or on margin, order with margin mode cross."
        ),
        (
            "A stock named like a coin or like money (LTC, SOL, USD) has .US behind its name, "
            "so that shares and coins never become one balance."
        ),
        (
            "Money is never set aside for open orders: the buying power in the account's facts "
            "is lessened instead."
        ),
        (
            "Fractions of a share (nine digits) are traded by simple day orders only, are not "
            "sold short, and their quantity cannot be amended."
        ),
        (
            "Options are day orders in whole contracts; coins are GTC or IOC, without stops "
            "other than stop-limit."
        ),
        (
            "Orders for an opening or closing auction (opg, cls) made elsewhere are shown as "
            "day orders; they cannot be made here."
        ),
        "A buy stop becomes a stop-limit order 4 % above its stop price (2.5 % from 50 USD).",
        "GTC orders are canceled by the venue 90 days after they were made.",
        (
            "An amend makes a new order with nothing filled, and asks for the rest of the "
            "total. A fill in the moment between comes on top, and the report then says so."
        ),
        (
            "An order that takes over may be rejected later; the stream says so, and the order "
            "before it is looked up."
        ),
        (
            "Messages of the account's stream bear no sequence number: one that is lost is "
            "noticed by look-ups and histories."
        ),
        (
            "Fills are told apart by their order and what it had filled: the stream and the "
            "history share no execution id."
        ),
        (
            "Fees of coins (in what was received) and of exchanges are booked at the end of the "
            "day, as events; fills carry no fee."
        ),
        (
            "Day trades are counted here, from fills: the venue dropped its count and the flag "
            "of pattern day traders on 2026-07-06."
        ),
        (
            "Stocks and options have no book but their best prices; who took the liquidity is "
            "inferred from the change of price. Sizes before 2025-11-03 were round lots."
        ),
        (
            "A replace is another order over what was left when we looked: what the old one "
            "fills until it takes over comes on top."
        ),
        "Corrections and cancellations of public trades are not told.",
        "One connection for each stream of market data, and 30 symbols in the free plan.",
    ),
    keys_url="https://app.alpaca.markets",
    keys_help="Home, API Keys, Generate. A key may do all of trading; withdrawals need "
    "more than a key. Resetting a paper account makes its key void.",
)
