"""Binance's European options: an exchange of its own, on an address of its own."""

from crossdock.adapters.venues.ccxt.family.exchange import (
    DATA,
    DAY_S,
    KEY_AND_SECRET,
    NO_WITHDRAWAL,
    PROMPT,
    TRADING,
    Exchange,
    same,
)
from crossdock.model import ContractKind, OrderType
from crossdock.ports import Can, Evidence, IdCodec, Lookup, RateLimit, Uniqueness

_DOCS = "https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-options"
_ERRORS = "https://developers.binance.com/docs/derivatives/options-trading/error-code"

_REFUSALS = (
    *("-1014", "-1100", "-1101", "-1102", "-1103", "-1104", "-1105", "-1106", "-1111"),
    *("-1115", "-1116", "-1117", "-1118", "-1119", "-1121", "-1128", "-1130"),
    *("-2010", "-2013"),  # rejected (a taken id is -6044); no such order to cancel
    *("-2018", "-2027", "-5010"),  # funds, margin, nothing to sell
    *("-4001", "-4002", "-4003", "-4004", "-4005", "-4013", "-4029", "-4030"),
    *("-6026", "-6027", "-6038", "-6039"),  # quantity, price, scales
    "-6028",  # the order to cancel is done
    *("-6045", "-6046", "-6047", "-6056"),  # reduce-only, FOK, post-only
    "-6049",  # the symbol does not trade
    *("-6050", "-6051", "-6052", "-6053", "-6054"),  # the most that may be open or short
    "-6057",  # writing it uncovered is not allowed
    "-6063",  # the cancel is rejected
)

EXCHANGES = (
    Exchange(
        id="binanceoptions",
        name="Binance options",
        docs_url=_DOCS,
        can=DATA
        | TRADING
        | {Can.SERVER_TIME, Can.POSITIONS, Can.OPTION_CHAINS}
        | {Can.KEY_RIGHTS},
        # …/api/rest-api/trade#new-order (2026-11-22): "type" is LIMIT, and nothing else.
        order_types=same((OrderType.LIMIT,), ContractKind.OPTION),
        times_in_force=PROMPT,
        reduce_only=True,
        evidence=Evidence(
            # …/docs/derivatives/options-trading/trade (2026-11-22), Place-Multiple-Orders and
            # Query-Single-Order: 36 characters, not to be repeated among pending orders; what
            # ended without a fill is not found after three days. A call is taken within its
            # recvWindow, here 5 s, of a time at most 1 s ahead; how long the engine may take
            # behind it is not documented: as at the spot exchange, 10 s.
            client_id=IdCodec.TEXT,
            client_id_length=36,
            lookup=Lookup.ANY_ORDER,
            uniqueness=Uniqueness.OPEN_ORDERS,
            retention_s=3 * DAY_S,
            arrival_horizon_s=16.0,
            visibility_lag_s=2.0,
            silence_s=5.0,
        ),
        keys=KEY_AND_SECRET,
        # `rateLimits` of its exchangeInfo, as ccxt has a reply of it in binance.py; Binance's
        # own client shows 2400 instead of 400. Its answers tell what was used.
        rate_limits=(
            RateLimit(
                scope="all",
                calls=400,
                per_s=60.0,
                reserve=40,
                used_header="X-MBX-USED-WEIGHT-1M",
                per_address=True,
            ),
            RateLimit(
                scope="orders",
                calls=100,
                per_s=60.0,
                reserve=20,
                used_header="X-MBX-ORDER-COUNT-1M",
            ),
            RateLimit(
                scope="orders",
                calls=30,
                per_s=10.0,
                reserve=6,
                used_header="X-MBX-ORDER-COUNT-10S",
            ),
        ),
        rejections=dict.fromkeys(_REFUSALS, f"{_ERRORS} (2026-11-22)"),
        oddities=(
            "There are limit orders only, and no amend.",
            "Options are European, and paid and settled in USDT.",
            (
                "To sell what is not held is a right of its own (-6057 where it lacks), and "
                "for many accounts not to be had."
            ),
            (
                "Fees are a share of the index price and at most a tenth of the premium: no "
                "rate of an order's own worth is told of them."
            ),
            (
                "The flow of funds is not read: only fees among its kinds are documented. What "
                "an exercise or a transfer moves shows as a difference of balances."
            ),
            "Trades of others are listed without a time to ask for: there is no history.",
            (
                "Every open order listed at once weighs 40: the streams tell of changes, "
                "balances and positions are asked for."
            ),
            "ccxt knows no practice site of it.",
        ),
        keys_url="https://www.binance.com/en/my/settings/api-management",
        keys_help=f"{NO_WITHDRAWAL} European options are a right of their own; the options "
        "account has to be opened before the key is made.",
    ),
)
