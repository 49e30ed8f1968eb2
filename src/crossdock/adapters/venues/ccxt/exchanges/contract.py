"""What one exchange does otherwise than ccxt's unified way: the form its quirks fill in.

Every exchange has a module here named as its ccxt id, with `QUIRKS`, an instance of a
subclass of `Quirks`. Defaults hold for an exchange that does all in the unified way. A
module here imports no ccxt: what it needs of it is handed in.

Every manifest of the family has the settings `environment` (live, test, demo: those the
exchange has), `url` ("": the exchange's own addresses; else one base that stands in for all
of them), `wallets` ("": the first of `Quirks.wallets`; else names with commas between) and the
keys that `Quirks.keys` names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.ways import (
    CancelEvery,
    Cost,
    EventSource,
    FillPaging,
    Known,
    OrderCall,
    OrderList,
)
from crossdock.model import (
    Asset,
    EarnHolding,
    EarnOffer,
    KeyRights,
    Movement,
    OrderReport,
    SubAccount,
)
from crossdock.ports import NewOrder, OrderRef
from crossdock.toolkit import AdapterContext

Raw = Mapping[str, Any]
"""A unified ccxt structure, or a reply of the exchange itself under its `info`."""


def is_public(api: str) -> bool:
    """Tell by ccxt's name of an `api` whether its calls go unsigned, of nobody's account."""
    words = api.lower()
    return "public" in words or words in ("web", "webexchange", "zendesk")


class Quirks:
    """One exchange's own ways. Class attributes are data; methods are small translations."""

    ccxt_id: str = ""
    """ccxt's id of the exchange, where a manifest stands for a part that ccxt has inside
    another ("binance" for its options); "": the manifest's own id."""

    options: Mapping[str, Any] = {}
    """ccxt `options` to set on the instance ("defaultType": "spot", …)."""

    keys: Mapping[str, str] = {
        "apiKey": "key",
        "secret": "key_secret",
        "password": "passphrase_secret",
        "uid": "user_id",
        "login": "login",
        "walletAddress": "wallet",
        "privateKey": "wallet_key_secret",
        "accountId": "account_id",
        "token": "token_secret",
    }
    """ccxt credential -> our setting. What the manifest has no setting for is left out."""

    market_types: Sequence[str] = ()
    """ccxt market types this manifest stands for ("spot", "swap", …); empty: all."""

    client_id_param: str = "clientOrderId"
    """The `params` key a create, cancel or look-up names our id by."""

    client_id_field: str = ""
    """Path in a raw order's `info` where our id is echoed; "": the unified field."""

    lookups: Sequence[Known] = (Known.CLIENT_ID, Known.VENUE_ID)
    """The ways to find an order, tried in this order until one finds it."""

    cancels_by_client_id: bool = True

    expire_param: str = ""
    """The `params` key of a GTD order's end in milliseconds; "": order_call adds it."""

    conditional: Mapping[str, Any] | None = None
    """Params ({"trigger": True}) that address orders the exchange keeps apart until they
    trigger; None where they live with the others. Their venue ids are written `algo:ID`."""

    open_order_params: Sequence[Mapping[str, Any]] = ({},)
    """One `fetch_open_orders` is made for each: plain ones first, then each kind kept apart."""

    open_orders_need_symbol: bool = False
    open_list: OrderList = OrderList(method="fetch_open_orders", takes_since=False)
    done_lists: Sequence[OrderList] = ()
    """Where done orders are looked for: together, they hold each that ended in any way."""

    lists_by_client_id: bool = False  # lists of orders can be asked for one, by our id
    cancel_every: CancelEvery = CancelEvery.ONE_CALL
    amend_delta_param: str = ""  # the `params` key an amend says a change of the total by
    fills: FillPaging = FillPaging()
    events: Sequence[EventSource] = ()
    wallets: Mapping[str, Mapping[str, Any]] = {"": {}}
    """Wallet name -> params of `fetch_balance`, the one that orders are paid from first.
    The setting `wallets` picks among them."""

    reads_by_post: Sequence[str] = ()
    """Ends of URL paths of POST requests that change nothing ("/info"), where a write of
    ccxt makes such a request on its way."""

    writes_by_get: Sequence[str] = ()
    """Ends of URL paths of GET requests that do change something ("/buy")."""

    rising_nonce: bool = False
    """Signed calls carry a number that must rise as they arrive: one at a time goes out."""

    distinct_nonce: bool = False
    """Orders carry a number that no other one has, in whichever order they arrive."""

    envelope: str = ""
    """A key that every JSON object the exchange replies with has ("retCode", "error")."""

    shapes: Mapping[str, str] = {}
    """End of URL path -> what its reply of status 200 must be: "[]" for a list, else a key
    that must be there ("balances"). What does not fit is BadPayload instead of empty."""

    code_space_path: str = ""
    """Where a reply says whose code it is, if several count theirs from one on: codes are
    then told as `space:code`."""

    ok_codes: Sequence[str] = ()
    """Codes under `code_paths` that are no refusal ("0", "OK"); every other one is."""

    code_paths: Sequence[str] = ("code", "error.code", "error", "retCode", "status")
    """Dotted paths in a reply where the exchange's error code may stand, the first that is
    there wins. A list's first item is index 0: `error.0`."""

    message_paths: Sequence[str] = ("msg", "message", "error.message", "retMsg", "error")
    duplicate_codes: Sequence[str] = ()
    """Codes that say our id is taken already: evidence, never a rejection."""

    answers_with_first: bool = False
    """A submit whose id is taken is answered with the order that has it, as if accepted."""

    unknown_order_codes: Sequence[str] = ()
    """Codes by which a look-up says that it knows of no such order, besides what ccxt
    makes `OrderNotFound` of."""

    retry_after_ms: Sequence[str] = ()
    """Beginnings of URL paths whose replies say `Retry-After` in milliseconds."""

    maintenance_hosts: Sequence[str] = ()
    account_streams: Sequence[str] = ("orders", "trades")
    """Which of ccxt.pro's private streams are good; () polls every `poll_s` instead."""

    order_streams: Sequence[Mapping[str, Any]] = ({},)
    """One `watch_orders` is made for each: plain orders, then each kind streamed apart."""

    sparse_stream: bool = False
    """A row of the orders' stream tells only what changed, and shares it with fills. One
    that leaves an order without its quantity makes the whole order be asked for."""

    forgets_unfilled: bool = False
    """An order that ended without a fill is gone: a cancel after which it cannot be found
    has cancelled all of it."""

    empty_is_unknown: bool = False
    """A look-up of an order there is not is answered with an empty list, not a refusal."""

    greets: bool = False
    """A WebSocket's first message comes unasked: it says nothing of a subscription."""

    book_waits: bool = False
    """ccxt asks for the whole book when a change of it came, which may take long."""

    poll_s: float = 2.0
    book_limit: int | None = None  # the `limit` that watch_order_book takes here
    bar_page: int = 500
    bar_until_excluded: bool = False  # a bar that begins at `until` itself is left out
    funding_one_by_one: bool = False  # fetch_funding_rates serves not every market
    volatility_in_percent: bool = False  # implied volatilities come as 65.0, not 0.65

    refuses_by_500: bool = False
    """A listed code proves a refusal in a reply of status 500 as well."""

    refused_keys: Sequence[str] = ()
    """Codes that refuse the keys, unread, in such a reply."""

    # Methods: all have defaults in the unified way.

    def for_account(self, settings: Mapping[str, Any]) -> Quirks:
        """Return the quirks of one account, where a setting changes how it is dealt with."""
        return self

    def tune(self, exchange: Any) -> None:
        """Change a new object of ccxt's where it falls short of the exchange's rules."""
        return

    async def open_symbols(self, exchange: Any, params: Raw) -> Sequence[str | None] | None:
        """Ask where orders of a kind are open, where `open_orders_need_symbol`.

        A None among them asks without one. None at all: wherever we ever dealt.
        """
        return None

    def cost(
        self,
        method: str,
        path: str,
        *,
        api: str,
        is_write: bool,
        weight: float,
    ) -> Cost:
        """Return what a request takes from our budget.

        `path` is ccxt's own word for the endpoint ("order", "v5/order/create"), `api` its
        word for where that is ("private", "v3/public"), `weight` the cost ccxt gives it, in
        ccxt's units. Asked before the request is signed.
        """
        if is_public(api):
            return Cost(scope="public")
        return Cost(scope="orders" if is_write else "reads")

    def code_of(self, code: str, words: str) -> str:
        """Tell apart, by its message, what the exchange says with one and the same code."""
        return code

    def client_id(self, client_order_id: str) -> Any:
        """Return our id as the exchange takes it (an integer where it wants one)."""
        return client_order_id

    def client_id_back(self, echoed: str) -> str:
        """Undo `client_id`, and strip what ccxt puts before it."""
        return echoed

    def order_call(self, order: NewOrder, call: OrderCall, market: Raw) -> OrderCall:
        """Change what the engine made of an order in the unified way.

        Raises NotSent for what this exchange cannot do though its manifest lists it.
        """
        return call

    def placed(self, order: NewOrder, reply: Any) -> Any:
        """Return the raw order in the reply of an implicit method, for `parse_order`."""
        return reply

    def open_params_of(self, market: Raw) -> Sequence[Mapping[str, Any]]:
        """Return those of `open_order_params` that may list orders of one market."""
        return self.open_order_params

    def order_row(self, order: Raw) -> Raw:
        """Put right what ccxt loses of an order, before anything is read of it."""
        return order

    def trade_row(self, trade: Raw) -> Raw:
        """Put right what ccxt loses of one of our trades."""
        return trade

    def symbol_params(self, ref: OrderRef, market: Raw) -> Mapping[str, Any]:
        """Return further params of cancel and look-up (a margin mode, an order kind)."""
        return {}

    def is_conditional(self, order: Raw) -> bool:
        """Tell whether an order lives among those that `conditional` addresses."""
        return any(
            order.get(name) for name in ("triggerPrice", "stopLossPrice", "takeProfitPrice")
        )

    def goes_on_as(self, order: Raw) -> str:
        """Return the exchange's id of what an order kept apart became; "": nothing yet."""
        return ""

    def has_waited(self, order: Raw) -> bool:
        """Tell whether an order was kept apart before, under another id."""
        return False

    def totals(self, balances: Raw) -> Mapping[str, Any]:
        """Return what is owned of assets, where ccxt's totals hold unrealised profits."""
        return {}

    def group(self, order: Raw) -> str:
        """Return what the exchange calls the list an order and its legs are in; "": none.

        The order whose client id is ours is the parent of the others of its list.
        """
        return ""

    def streamed_order(self, order: Raw) -> Raw | None:
        """Return a row of the orders' stream as an order; None where it tells of none.

        With `sparse_stream` it was laid over what the stream told of the order before.
        """
        return order

    def streamed_fill(self, fill: Raw) -> Raw | None:
        """Return a row of the fills' stream as a fill; None where it tells of none."""
        return fill

    def amend_params(self, order: OrderReport, stop_price: str) -> Mapping[str, Any]:
        """Return how an amend says a new stop price."""
        return {"triggerPrice": stop_price}

    def order_type(self, order: Raw) -> str:
        """Return our word ("market_if_touched") where ccxt's type loses it; "" else."""
        return ""

    def status(self, order: Raw) -> str:
        """Return FIX's word for an order ("Expired") where ccxt's status loses it; "" else."""
        return ""

    async def earn_offers(
        self, exchange: Any, context: AdapterContext, asset: Asset | None
    ) -> Sequence[EarnOffer]:
        """List offers through the exchange's own endpoints, where `can` has EARN."""
        raise AssertionError("its manifest does not declare it")

    async def earn_holdings(
        self, exchange: Any, context: AdapterContext
    ) -> Sequence[EarnHolding]:
        raise AssertionError("its manifest does not declare it")

    async def earn_subscribe(
        self, exchange: Any, context: AdapterContext, offer: EarnOffer, amount: str
    ) -> Movement:
        """Called once, inside the engine's write: raise nothing but what ccxt raises."""
        raise AssertionError("its manifest does not declare it")

    async def earn_redeem(
        self, exchange: Any, context: AdapterContext, holding: EarnHolding, amount: str
    ) -> Movement:
        raise AssertionError("its manifest does not declare it")

    async def sub_accounts(
        self, exchange: Any, context: AdapterContext
    ) -> Sequence[SubAccount]:
        raise AssertionError("its manifest does not declare it")

    async def key_rights(self, exchange: Any, context: AdapterContext) -> KeyRights:
        """Read what the key may do, where `can` has KEY_RIGHTS."""
        raise AssertionError("its manifest does not declare it")
