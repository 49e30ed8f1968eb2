"""Bybit, unified accounts."""

from dataclasses import replace

from crossdock.adapters.venues.ccxt.family.exchange import (
    CCXT,
    DATA,
    DAY_S,
    KEY_AND_SECRET,
    NO_WITHDRAWAL,
    PLAIN,
    PROMPT,
    STOPS,
    TOUCHED,
    TRADING,
    Exchange,
    refused,
)
from crossdock.model import Contingency, ContractKind
from crossdock.ports import Can, Evidence, IdCodec, Lookup, RateLimit, Uniqueness

_DOCS = "https://bybit-exchange.github.io/docs/v5/intro"
_TYPES = (*PLAIN, *STOPS, *TOUCHED)

_BYBIT = Exchange(
    id="bybit",
    name="Bybit",
    docs_url=_DOCS,
    can=DATA
    | TRADING
    | {
        Can.REPLACE,
        Can.SERVER_TIME,
        Can.ACCOUNT_HISTORY,
        Can.POSITIONS,
        Can.LEVERAGE,
        Can.MARGIN_MODE,
        Can.BORROWING,
        Can.TRANSFERS,
        Can.SUB_ACCOUNTS,
        Can.EARN,
        Can.FUNDING_RATES,
        Can.FEE_RATES,
        Can.OPTION_CHAINS,
        Can.KEY_RIGHTS,
    },
    order_types={
        ContractKind.SPOT: _TYPES,
        ContractKind.LINEAR: _TYPES,
        ContractKind.INVERSE: _TYPES,
        ContractKind.OPTION: PLAIN,
    },
    times_in_force=PROMPT,
    contingencies=(Contingency.OTO,),
    most_legs=1,
    reduce_only=True,
    evidence=Evidence(
        # https://github.com/bybit-exchange/docs, docs/v5 (2026-11-21). order/create-order:
        # orderLinkId has at most 36 characters and is always unique; order/order-list:
        # cancelled without a fill, an order is told for 24 hours; guide: recv_window, here
        # 5 s, and a second ahead. The reply to an order only says that it was received:
        # how long it stays invisible is not documented there; conservative.
        client_id=IdCodec.TEXT,
        client_id_length=36,
        lookup=Lookup.ECHOED_TAG,
        uniqueness=Uniqueness.FOREVER,
        retention_s=DAY_S,
        arrival_horizon_s=6.0,
        visibility_lag_s=5.0,
        silence_s=5.0,
    ),
    keys=KEY_AND_SECRET,
    environments=("live", "test", "demo"),
    # The page of rate limits in the same documentation (2026-11-21).
    rate_limits=(
        RateLimit(scope="all", calls=600, per_s=5.0, reserve=60, per_address=True),
        RateLimit(scope="orders", calls=10, per_s=1.0, reserve=3),
        RateLimit(scope="reads", calls=50, per_s=1.0, reserve=10),
    ),
    rejections=refused(
        "https://github.com/bybit-exchange/docs/blob/master/docs/v5/error.mdx",
        "10001",  # a parameter: of contracts a quantity between two steps, too
        *("110001", "110003", "110004", "110005", "110006", "110007", "110008"),
        *("110009", "110010", "110011", "110012", "110014", "110017"),
        *("110019", "110020", "110021", "110022", "110023", "110031"),
        *("110037", "110044", "110045", "110051", "110052", "110053", "110054"),
        *("110055", "110056", "110057", "110058", "110059", "110064", "110066"),
        *("110070", "110092", "110093", "110094", "110095", "110096", "110097"),
        *("170005", "170033", "170034", "170115", "170116", "170117", "170121"),
        *("170124", "170131", "170132", "170133", "170134", "170136"),
        *("170137", "170139", "170140", "170142", "170143", "170148", "170151"),
        *("170190", "170192", "170193", "170194", "170195", "170196", "170197"),
        *("170198", "170199", "170201", "170202", "170203", "170204", "170206"),
        *("170210", "170213", "170217", "170218", "170228", "170229"),
    )
    | refused(f"{CCXT}/bybit.py", "170135"),
    countries_refused=("US", "CN"),  # docs/v5/guide (2026-11-21): their addresses get 403
    oddities=(
        "A reply to an order says only that it was received: its fate comes after.",
        "A market buy on spot is sent in units of the base asset.",
        "Stops are told with the side from which the price must come.",
        (
            "A stop may be attached to an order on linear and inverse contracts, as large as "
            "its order; on spot and options, where nothing says whose it is, it is not sent. "
            "A take-profit is not sent either: it would wait for its price and rest nowhere."
        ),
        (
            "A cancel on spot names the kind of its order: one that was not entered here "
            "without a trigger is looked up first."
        ),
        "Trailing stops belong to a position and have no id: they are not offered.",
    ),
    keys_url="https://www.bybit.com/app/user/api-management",
    keys_help=f"{NO_WITHDRAWAL} Orders and positions of the unified account; a key that "
    "is bound to no address ends after three months.",
)

EXCHANGES = (
    _BYBIT,
    replace(
        _BYBIT,
        id="bybiteu",
        name="Bybit EU",
        docs_url="https://bybit-exchange.github.io/docs/v5/intro",
        can=DATA
        | TRADING
        | {Can.REPLACE, Can.SERVER_TIME, Can.ACCOUNT_HISTORY, Can.KEY_RIGHTS},
        order_types={ContractKind.SPOT: _TYPES},
        contingencies=(),
        most_legs=0,
        reduce_only=False,
        environments=("live", "test"),
        oddities=(
            "An account of its own, apart from those of bybit.com; spot only here.",
            *_BYBIT.oddities[:2],
        ),
        keys_url="https://www.bybit.eu/app/user/api-management",
    ),
)
