"""Binance: spot and margin, and its two futures exchanges."""

from dataclasses import replace

from crossdock.adapters.venues.ccxt.family.exchange import (
    CCXT,
    DATA,
    DAY_S,
    EVERY_TYPE,
    KEY_AND_SECRET,
    NO_WITHDRAWAL,
    PROMPT,
    TRADING,
    Exchange,
    refused,
    same,
)
from crossdock.model import Contingency, ContractKind, TimeInForce
from crossdock.ports import Can, Evidence, IdCodec, Lookup, RateLimit, Setting, Uniqueness

_SPOT = "https://github.com/binance/binance-spot-api-docs/blob/master"
_FUTURES = "https://developers.binance.com/docs/derivatives"
_KEYS_URL = "https://www.binance.com/en/my/settings/api-management"

# rest-api.md of the spot documentation (2026-11-21): newClientOrderId is unique among open
# orders; a call is forwarded to the matching engine within its recvWindow, here 5 s, of a
# time at most 1 s ahead of the server, and the engine may take 10 s more before the answer
# is -1007, "execution status unknown". fix-api.md: 36 letters, digits, hyphens, underscores.
# errors.md, -2026: cancelled without a fill, an order is archived after 90 days.
# How long an order stays invisible is not documented where we could read; conservative.
_EVIDENCE = Evidence(
    client_id=IdCodec.TEXT,
    client_id_length=36,
    lookup=Lookup.ANY_ORDER,
    uniqueness=Uniqueness.OPEN_ORDERS,
    retention_s=90 * DAY_S,
    arrival_horizon_s=16.0,
    visibility_lag_s=2.0,
    silence_s=5.0,
)
# …/usds-margined-futures/trade/rest-api/Query-Order and its COIN-M twin (2026-11-21).
_FUTURES_EVIDENCE = replace(_EVIDENCE, retention_s=3 * DAY_S)

_ORDER_SHAPE = (
    *("-1013", "-1014", "-1100", "-1101", "-1102", "-1103", "-1104", "-1105", "-1106"),
    *("-1111", "-1114", "-1115", "-1116", "-1117", "-1118", "-1121", "-1128", "-1130"),
)
"""What is malformed, and -1013: "the request didn't reach the matching engine"."""

_FUTURES_REFUSALS = (
    *("-1013", "-1102", "-1106", "-1111", "-1115", "-1116", "-1117", "-1121", "-1130"),
    *("-2010", "-2011", "-2013"),  # rejected; no such order to cancel
    *("-2018", "-2019", "-2024", "-2025", "-2027", "-2028"),  # funds, margin, limits
    "-2020",  # unable to fill
    "-2021",  # a stop that would trigger at once
    *("-2022", "-2026"),  # reduce-only
    *("-4001", "-4002", "-4003", "-4004", "-4005", "-4006", "-4007", "-4008"),
    *("-4013", "-4014", "-4015", "-4016", "-4023", "-4024", "-4029", "-4030"),
    *("-4061", "-4118", "-4131", "-4136", "-4140", "-4164"),
    *("-5021", "-5022", "-5027"),  # FOK, post-only, an amend that changes nothing
)

_CAN = (
    DATA
    | TRADING
    | {Can.SERVER_TIME, Can.TRADE_HISTORY, Can.ACCOUNT_HISTORY, Can.KEY_RIGHTS}
)
_FUTURES_CAN = _CAN | {
    Can.REPLACE,
    Can.POSITIONS,
    Can.LEVERAGE,
    Can.MARGIN_MODE,
    Can.FUNDING_RATES,
    Can.FEE_RATES,
}

_BINANCE = Exchange(
    id="binance",
    name="Binance",
    docs_url="https://developers.binance.com/en/docs/products/spot",
    can=_CAN
    | {
        Can.BORROWING,
        Can.TRANSFERS,
        Can.SUB_ACCOUNTS,
        Can.EARN,
        Can.FEE_RATES,
    },
    order_types=same(EVERY_TYPE, ContractKind.SPOT),
    times_in_force=PROMPT,
    contingencies=(Contingency.OCO, Contingency.OTO),
    most_legs=2,
    evidence=_EVIDENCE,
    keys=KEY_AND_SECRET,
    environments=("live", "test", "demo"),
    settings={
        "orders": Setting(
            help="Which account orders go to, and money, orders and fills are read of",
            default="spot",
            choices=("spot", "cross"),
        )
    },
    # The weight: enums.md (2026-11-21). Orders: exchangeInfo has the account's own; these
    # stay below the 100 in ten seconds and 200 000 a day that
    # https://github.com/hummingbot/hummingbot paces itself by.
    rate_limits=(
        RateLimit(
            scope="all",
            calls=6000,
            per_s=60.0,
            reserve=600,
            used_header="X-MBX-USED-WEIGHT-1M",
            per_address=True,
        ),
        RateLimit(
            scope="orders",
            calls=50,
            per_s=10.0,
            reserve=10,
            used_header="X-MBX-ORDER-COUNT-10S",
        ),
        RateLimit(
            scope="orders",
            calls=160_000,
            per_s=DAY_S,
            reserve=1000,
            used_header="X-MBX-ORDER-COUNT-1D",
        ),
        # https://dev.binance.vision/t/request-limit-on-the-api-endpoints/9275 (2026-11-22):
        # each endpoint around trading has 12 000 a minute by address, or 180 000 by user,
        # and none of them counts elsewhere. Here those of a kind share.
        RateLimit(
            scope="sapi",
            calls=12_000,
            per_s=60.0,
            used_header="X-SAPI-USED-IP-WEIGHT-1M",
            per_address=True,
            apart=True,
        ),
        RateLimit(
            scope="uid",
            calls=180_000,
            per_s=60.0,
            used_header="X-SAPI-USED-UID-WEIGHT-1M",
            apart=True,
        ),
    ),
    rejections=refused(f"{_SPOT}/errors.md", *_ORDER_SHAPE, "-2010", "-2011", "-2013"),
    oddities=(
        "A client order id is unique among open orders only.",
        (
            "An order that is amended on spot is cancelled and made anew, or keeps its place "
            "and may only shrink: it is not offered as an amend."
        ),
        (
            "Orders on margin are the cross margin account's: make them in an account of the "
            "desk with `orders` set to cross. Isolated margin is not offered."
        ),
        "Trailing orders are told in hundredths of a percent (trailingDelta).",
        "Too many calls first get 429, then a ban of the address (418).",
        "Error -2010 stands for many refusals; only its message tells which.",
    ),
    keys_url=_KEYS_URL,
    keys_help=f"{NO_WITHDRAWAL} Margin and transfers are rights of their own. "
    "Bind it to your address: an unbound key loses the right to trade after some time.",
)


# …/docs/derivatives/change-log (2026-11-21), on 2026-10-23: 20 instead of 10, for USD-M.
_USDM_TRAILING = "A trailing stop follows by 0.1 to 20 percent, never by an amount."
# Binance's Postman collection for COIN-M, in a stored copy (2026-11-21).
_COINM_TRAILING = "A trailing stop follows by 0.1 to 10 percent, never by an amount."


def _futures(
    id_: str, name: str, docs: str, kind: ContractKind, most_trailing: str
) -> Exchange:
    return Exchange(
        id=id_,
        name=name,
        docs_url=docs,
        can=_FUTURES_CAN,
        order_types=same(EVERY_TYPE, kind),
        times_in_force=(*PROMPT, TimeInForce.GTD),
        reduce_only=True,
        evidence=_FUTURES_EVIDENCE,
        keys=KEY_AND_SECRET,
        environments=("live", "test", "demo"),
        # https://github.com/hummingbot/hummingbot, binance_perpetual_constants.py
        # (2026-11-21), which allows 300 orders in ten seconds besides.
        rate_limits=(
            RateLimit(
                scope="all",
                calls=2400,
                per_s=60.0,
                reserve=240,
                used_header="X-MBX-USED-WEIGHT-1M",
                per_address=True,
            ),
            RateLimit(
                scope="orders",
                calls=1200,
                per_s=60.0,
                reserve=120,
                used_header="X-MBX-ORDER-COUNT-1M",
            ),
            RateLimit(
                scope="orders",
                calls=300,
                per_s=10.0,
                reserve=60,
                used_header="X-MBX-ORDER-COUNT-10S",
            ),
        ),
        rejections=refused(f"{CCXT}/binance.py", *_FUTURES_REFUSALS),
        oddities=(
            (
                "Stops, take-profits and trailing stops live apart under an id of their own "
                "(algoId) until they trigger; ours is told as clientAlgoId."
            ),
            (
                "A stop that has triggered goes on as another order (actualOrderId): it is "
                "followed there, under our id."
            ),
            most_trailing,
            "Lists of fills and orders cover at most seven days for each question.",
        ),
        keys_url=_KEYS_URL,
        keys_help=f"{NO_WITHDRAWAL} Futures are a right of their own; the futures account "
        "has to be opened before the key is made.",
    )


EXCHANGES = (
    _BINANCE,
    _futures(
        "binanceusdm",
        "Binance USD-M futures",
        f"{_FUTURES}/usds-margined-futures",
        ContractKind.LINEAR,
        _USDM_TRAILING,
    ),
    _futures(
        "binancecoinm",
        "Binance COIN-M futures",
        f"{_FUTURES}/coin-margined-futures",
        ContractKind.INVERSE,
        _COINM_TRAILING,
    ),
    replace(
        _BINANCE,
        id="binanceus",
        name="Binance.US",
        docs_url="https://docs.binance.us/",
        can=DATA | TRADING | {Can.SERVER_TIME, Can.TRADE_HISTORY, Can.ACCOUNT_HISTORY},
        contingencies=(),
        most_legs=0,
        environments=("live", "test"),
        # Its own limits are not documented where we could read; conservative.
        rate_limits=(
            replace(_BINANCE.rate_limits[0], calls=1200, reserve=120),
            *_BINANCE.rate_limits[1:],
        ),
        keys_url="https://www.binance.us/settings/api-management",
        keys_help=f"{NO_WITHDRAWAL} Bind it to your address.",
    ),
)
