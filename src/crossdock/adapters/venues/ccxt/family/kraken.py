"""Kraken spot, and its futures exchange."""

from crossdock.adapters.venues.ccxt.family.exchange import (
    DATA,
    DAY_S,
    EVERY_TYPE,
    KEY_AND_SECRET,
    NO_WITHDRAWAL,
    PLAIN,
    STOPS,
    TOUCHED,
    TRADING,
    Exchange,
    refused,
    same,
)
from crossdock.model import Contingency, ContractKind, TimeInForce
from crossdock.ports import Can, Evidence, IdCodec, Lookup, RateLimit, Uniqueness

_SPOT = "https://docs.kraken.com/exchange/api-reference"
_FUTURES = "https://docs.kraken.com/exchange/guides/futures/rest"
_REFUSED = ("AF", "BY", "CU", "IR", "IQ", "KP", "LY", "RU", "SY", "TJ", "TM")
"""https://support.kraken.com/articles/360001368823 (2026-11-21): unserved countries."""

EXCHANGES = (
    Exchange(
        id="kraken",
        name="Kraken",
        docs_url=_SPOT,
        can=DATA
        | TRADING
        | {
            Can.REPLACE,
            Can.SERVER_TIME,
            Can.TRADE_HISTORY,
            Can.ACCOUNT_HISTORY,
            Can.FEE_RATES,
            Can.EARN,
            Can.KEY_RIGHTS,
        },
        order_types=same(EVERY_TYPE, ContractKind.SPOT),
        times_in_force=(TimeInForce.GTC, TimeInForce.IOC, TimeInForce.GTD),
        contingencies=(Contingency.OTO,),
        most_legs=1,
        evidence=Evidence(
            # https://docs.kraken.com/exchange/guides/general/clordid: a UUID, or free text
            # of 18 characters; unique among open orders; lists filter by it.
            client_id=IdCodec.UUID,
            lookup=Lookup.ECHOED_TAG,
            uniqueness=Uniqueness.OPEN_ORDERS,
            retention_s=365 * DAY_S,
            # No window is sent, but nonces must rise: a later call ends an earlier one.
            arrival_horizon_s=60.0,
            visibility_lag_s=5.0,
            silence_s=8.0,
        ),
        keys={
            "key": "The API key",
            "key_secret": "The private key, which signs every call",
        },
        rate_limits=(
            RateLimit(scope="orders", calls=60, per_s=60.0, reserve=20),
            RateLimit(scope="reads", calls=20, per_s=60.0, reserve=6),
            RateLimit(scope="public", calls=1, per_s=1.0, per_address=True),
        ),
        rejections=refused(
            "https://docs.kraken.com/exchange/guides/general/errors",
            "EOrder:Insufficient funds",
            "EOrder:Insufficient margin",
            "EOrder:Order minimum not met",
            "EOrder:Cost minimum not met",
            "EOrder:Tick size check failed",
            "EOrder:Invalid price",
            "EOrder:Invalid price:Invalid price argument",
            "price can only be specified up to",
            "EOrder:Post only order",
            "EOrder:Reduce only:Non-PC",
            "EOrder:Reduce only:No position exists",
            "EOrder:Unknown order",
            "EOrder:Unknown position",
            "EOrder:Orders limit exceeded",
            "EOrder:Positions limit exceeded",
            "EOrder:Margin allowance exceeded",
            "EOrder:Margin level too low",
            "EOrder:Margin position size exceeded",
            "EOrder:Trading agreement required",
            "EGeneral:Invalid arguments",
            "EGeneral:Invalid arguments:price",
            "EGeneral:Invalid arguments:volume",
            "EGeneral:Invalid arguments:volume minimum not met",
            "EGeneral:Invalid arguments:ordertype",
            "EQuery:Unknown asset pair",
            "EQuery:Invalid asset pair",
            "EService:Market in cancel_only mode",
            "EService:Market in post_only mode",
            "EService:Market in limit_only mode",
            "EService:Deadline elapsed",
        ),
        countries_refused=_REFUSED,
        oddities=(
            "Every call carries a nonce that must rise: one key serves one process.",
            "The rate is a counter that decays; lists of trades cost double.",
            "BTC is XBT in the exchange's own ids.",
            "Margin is a property of an order (leverage), not of an account.",
            "No practice site for spot: point `url` at a simulator.",
        ),
        keys_url="https://pro.kraken.com/app/settings/api",
        keys_help=f"{NO_WITHDRAWAL} Query funds, query open and closed orders, create and "
        "cancel orders; for streams, access WebSockets.",
    ),
    Exchange(
        id="krakenfutures",
        name="Kraken Futures",
        docs_url=_FUTURES,
        can=DATA
        | TRADING
        | {
            Can.REPLACE,
            Can.POSITIONS,
            Can.LEVERAGE,
            Can.FUNDING_RATES,
        },
        order_types=same(
            (*PLAIN, *STOPS, *TOUCHED), ContractKind.LINEAR, ContractKind.INVERSE
        ),
        times_in_force=(TimeInForce.GTC, TimeInForce.IOC),
        reduce_only=True,
        evidence=Evidence(
            client_id=IdCodec.TEXT,
            client_id_length=100,
            lookup=Lookup.ECHOED_TAG,
            uniqueness=Uniqueness.OPEN_ORDERS,
            retention_s=7 * DAY_S,
            arrival_horizon_s=60.0,
            visibility_lag_s=5.0,
            silence_s=5.0,
        ),
        keys=KEY_AND_SECRET,
        environments=("live", "test"),
        rate_limits=(
            RateLimit(scope="orders", calls=50, per_s=10.0, reserve=10),
            RateLimit(scope="reads", calls=50, per_s=10.0, reserve=10),
        ),
        rejections=refused(
            "https://docs.kraken.com/api/docs/futures-api/trading/send-order",
            "insufficientAvailableFunds",
            "insufficientFunds",
            "INSUFFICIENT_MARGIN",
            "invalidPrice",
            "invalidSize",
            "invalidOrderType",
            "invalidSide",
            "invalidArgument",
            "requiredArgumentMissing",
            "contractNotFound",
            "marketSuspended",
            "marketInactive",
            "marketIsPostOnly",
            "postWouldExecute",
            "iocWouldNotExecute",
            "wouldNotReducePosition",
            "wouldCauseLiquidation",
            "outsidePriceCollar",
            "maxPositionViolation",
            "tooManySmallOrders",
            "tooManyOrders",
            "selfFill",
            "clientOrderIdTooLong",
            "notFound",
            "orderForEditNotFound",
            "orderForEditNotAStop",
            "filled",  # a cancel that came too late
        ),
        countries_refused=(*_REFUSED, "US"),
        oddities=(
            "One contract of an inverse perpetual is one dollar; of a PF one, one coin.",
            "A post-only order that would cross is answered with postWouldExecute.",
            "Looked up by their ids, orders vanish five seconds after they ended.",
        ),
        keys_url="https://futures.kraken.com/trade/settings/api",
        keys_help=f"{NO_WITHDRAWAL} General API full access, withdrawals without access.",
    ),
)
