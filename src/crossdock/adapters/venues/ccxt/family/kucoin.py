"""KuCoin spot, and its futures exchange."""

from dataclasses import replace

from crossdock.adapters.venues.ccxt.family.exchange import (
    DATA,
    DAY_S,
    NO_WITHDRAWAL,
    PLAIN,
    PROMPT,
    STOPS,
    TOUCHED,
    TRADING,
    WITH_PASSPHRASE,
    Exchange,
    refused,
    same,
)
from crossdock.model import ContractKind, TimeInForce
from crossdock.ports import Can, Evidence, IdCodec, Lookup, RateLimit, Uniqueness

_DOCS = "https://www.kucoin.com/docs-new/introduction"
_TYPES = (*PLAIN, *STOPS, *TOUCHED)

_SPOT = Exchange(
    id="kucoin",
    name="KuCoin",
    docs_url=_DOCS,
    can=DATA
    | TRADING
    | {
        Can.SERVER_TIME,
        Can.ACCOUNT_HISTORY,
        Can.BORROWING,
        Can.TRANSFERS,
        Can.SUB_ACCOUNTS,
        Can.FEE_RATES,
        Can.KEY_RIGHTS,
    },
    order_types=same(_TYPES, ContractKind.SPOT),
    times_in_force=PROMPT,
    evidence=Evidence(
        client_id=IdCodec.TEXT,
        client_id_length=40,
        lookup=Lookup.ANY_ORDER,
        uniqueness=Uniqueness.OPEN_ORDERS,
        retention_s=3 * DAY_S,
        # KC-API-TIMESTAMP may differ by five seconds, either way.
        arrival_horizon_s=10.0,
        visibility_lag_s=3.0,
        silence_s=5.0,
    ),
    keys=WITH_PASSPHRASE,
    rate_limits=(
        RateLimit(scope="all", calls=4000, per_s=30.0, reserve=400),
        RateLimit(scope="public", calls=2000, per_s=30.0, per_address=True),
    ),
    rejections=refused(
        "https://www.kucoin.com/docs-new/error-code",
        "200004",  # the balance does not suffice
        "400100",  # the order does not exist or may not be cancelled; a wrong parameter
        "400330",  # the price is out of bounds
        "400350",  # at most a number of stops
        "400370",  # at most a price
        "400600",  # an order type or market that is not open
        "400760",  # the size or price does not fit its step
        "600100",  # funds
        "600101",  # too small
        "900001",  # no such market
        "100001",  # no such order
        "130103",
        "130308",
        "130309",
        "130311",
        "130312",
        "130313",
        "130314",
        "210014",
        "210021",
        "260100",
    ),
    countries_refused=("US", "CA", "CN", "CU", "IR", "KP", "SG", "SY", "HK", "TH", "MY"),
    oddities=(
        "An order that is modified is cancelled and made anew: no amend is offered.",
        "Stops live apart until they trigger, under ids of their own.",
        "Fills are listed for at most seven days a question.",
        "No practice site: point `url` at a simulator.",
    ),
    keys_url="https://www.kucoin.com/account/api",
    keys_help=f"{NO_WITHDRAWAL} General and Spot Trading; Margin where it is wanted.",
)

EXCHANGES = (
    _SPOT,
    replace(
        _SPOT,
        id="kucoinfutures",
        name="KuCoin Futures",
        can=DATA
        | TRADING
        | {
            Can.SERVER_TIME,
            Can.ACCOUNT_HISTORY,
            Can.POSITIONS,
            Can.LEVERAGE,
            Can.MARGIN_MODE,
            Can.TRANSFERS,
            Can.FUNDING_RATES,
            Can.FEE_RATES,
            Can.KEY_RIGHTS,
        },
        order_types=same(_TYPES, ContractKind.LINEAR, ContractKind.INVERSE),
        times_in_force=(TimeInForce.GTC, TimeInForce.IOC),
        reduce_only=True,
        rejections=refused(
            "https://www.kucoin.com/docs-new/error-code",
            "300000",  # a wrong parameter of an order
            "300001",
            "300003",  # the balance does not suffice
            "300005",  # the position's limit
            "300009",  # no position to close
            "300011",  # the price is too high
            "300012",  # the price is too low
            "300016",  # the leverage is too high
            "330005",  # the position mode differs
            "330008",  # the margin does not suffice
            "330012",
            "100001",
            "100004",  # no order to cancel
            "200003",
            "400100",
            "400760",
        ),
        oddities=(
            "Quantities are contracts (lots) whose size differs from one to another.",
            "Stops live apart until they trigger.",
            "Fills are listed for at most seven days a question.",
            "No practice site: point `url` at a simulator.",
        ),
        keys_help=f"{NO_WITHDRAWAL} General and Futures Trading.",
    ),
)
