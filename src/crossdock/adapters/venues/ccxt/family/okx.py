"""OKX, worldwide, and its houses for Europe and the United States."""

from dataclasses import replace

from crossdock.adapters.venues.ccxt.family.exchange import (
    DATA,
    EVERY_TYPE,
    NO_WITHDRAWAL,
    PLAIN,
    PROMPT,
    TRADING,
    WITH_PASSPHRASE,
    Exchange,
    refused,
)
from crossdock.model import ContractKind
from crossdock.ports import Can, Evidence, IdCodec, Lookup, RateLimit, Uniqueness

_DOCS = "https://www.okx.com/docs-v5/en/"

OKX = Exchange(
    id="okx",
    name="OKX",
    docs_url=_DOCS,
    can=DATA
    | TRADING
    | {
        Can.REPLACE,
        Can.SERVER_TIME,
        Can.ACCOUNT_HISTORY,
        Can.POSITIONS,
        Can.LEVERAGE,
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
        ContractKind.SPOT: EVERY_TYPE,
        ContractKind.LINEAR: EVERY_TYPE,
        ContractKind.INVERSE: EVERY_TYPE,
        ContractKind.OPTION: PLAIN[1:],
    },
    times_in_force=PROMPT,
    # #order-book-trading-trade-post-place-order (2026-11-21): of MARGIN, and of FUTURES and
    # SWAP in net mode, in the account modes Futures and Multi-currency margin. Elsewhere the
    # field is passed over, so it is not sent there; in long/short mode an order that closes
    # one side can do no more than that.
    reduce_only=True,
    evidence=Evidence(
        # https://www.okx.com/docs-v5/en/ (2026-11-21). #order-book-trading-trade-post-place-
        # order: 32 letters and digits, without the hyphen, which is left out on the way;
        # unique "among all currently pending orders", "not enforced historically".
        # #order-book-trading-trade-get-order-history-last-7-days: cancelled without a fill,
        # an order is kept for two hours. #overview-rest-authentication-making-requests: a
        # time may be thirty seconds off, either way. How long an order stays invisible is
        # not documented where we could read; conservative.
        client_id=IdCodec.TEXT,
        client_id_length=32,
        lookup=Lookup.ANY_ORDER,
        uniqueness=Uniqueness.OPEN_ORDERS,
        retention_s=7200.0,
        arrival_horizon_s=60.0,
        visibility_lag_s=2.0,
        silence_s=5.0,
    ),
    keys=WITH_PASSPHRASE,
    environments=("live", "test"),
    # #order-book-trading-trade-post-place-order: 60 for one instrument. The other two differ
    # from call to call; these are among the lowest.
    rate_limits=(
        RateLimit(scope="orders", calls=60, per_s=2.0, reserve=12),
        RateLimit(scope="reads", calls=20, per_s=2.0, reserve=4),
        RateLimit(scope="public", calls=20, per_s=2.0, per_address=True),
    ),
    rejections=refused(
        f"{_DOCS}#error-code-rest-api-public",
        *("51000", "51001", "51004", "51005", "51006", "51007", "51008", "51010"),
        *("51012", "51014", "51015", "51020", "51023", "51024", "51026", "51027", "51028"),
        *("51030", "51031", "51046", "51047", "51048", "51049", "51050", "51051", "51052"),
        *("51053", "51090", "51091", "51092", "51093", "51100", "51101", "51102"),
        *("51103", "51108", "51112", "51113", "51115", "51116", "51117", "51120"),
        *("51121", "51122", "51124", "51125", "51127", "51130", "51131", "51132", "51133"),
        *("51136", "51137", "51138", "51139", "51155", "51169", "51170", "51205", "51250"),
        *("51251", "51252", "51254", "51256", "51258", "51260", "51265", "51277", "51278"),
        *("51279", "51280", "51302", "51303", "51304", "51305", "51306", "51327", "51328"),
        *("51400", "51401", "51402", "51403", "51404", "51405", "51407", "51502", "51503"),
        *("51506", "51507", "51508", "51509", "51510", "51511", "51512", "51524", "51603"),
    ),
    # https://www.okx.com/help/terms-of-service, in a copy of October 2024 (2026-11-21): for
    # residents of the United States the other side of the terms is OKX US.
    countries_refused=("US",),
    oddities=(
        "Quantities of derivatives are contracts whose size differs from one to another.",
        "Exits attached to an order become one algo order without its name: not sent.",
        "Client order ids hold letters and digits only: hyphens are left out on the way.",
        (
            "Conditional orders live apart under an id of their own (algoId), and become an "
            "order with another one. A trailing stop cannot be amended."
        ),
        (
            "An order may only reduce in the account modes Futures and Multi-currency margin, "
            "which is asked before the first one; else, and of options, it is not sent."
        ),
        "There is no call that cancels everything: open orders are cancelled one by one.",
        "A post-only order that would cross is accepted and then cancelled.",
        "The practice site is the real address with a header, and wants keys of its own.",
    ),
    keys_url="https://www.okx.com/account/my-api",
    keys_help=f"{NO_WITHDRAWAL} Read and Trade. An unbound key that may trade ends after 14 "
    "days without use.",
)

_COUSIN = replace(
    OKX,
    can=DATA
    | TRADING
    | {Can.REPLACE, Can.SERVER_TIME, Can.ACCOUNT_HISTORY, Can.FEE_RATES, Can.KEY_RIGHTS},
    order_types={ContractKind.SPOT: EVERY_TYPE},
    reduce_only=False,
    oddities=(
        "An account of its own, apart from those of other regions; spot only here.",
        *OKX.oddities[1:],
    ),
)

EXCHANGES = (
    OKX,
    replace(
        _COUSIN,
        id="myokx",
        name="OKX Europe",
        docs_url="https://my.okx.com/docs-v5/en/",
        countries_refused=(),
        keys_url="https://my.okx.com/account/my-api",
    ),
    replace(
        _COUSIN,
        id="okxus",
        name="OKX United States",
        docs_url="https://app.okx.com/docs-v5/en/",
        countries_refused=(),
        keys_url="https://app.okx.com/account/my-api",
    ),
)
