"""The door of Binance's exchanges: who calls, by which key, how often, and what is replied."""

from __future__ import annotations

import random
import string
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import msgspec

from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.binance_words.auth import unsigned, verify, window
from crossdock.sandbox.faces.binance_words.limits import (
    ApartLimiter,
    OrderCounts,
    OrderWindow,
    WeightLimiter,
)
from crossdock.sandbox.faces.binance_words.method import Method
from crossdock.sandbox.faces.binance_words.params import Params
from crossdock.sandbox.faces.binance_words.refusals import Said, Vocabulary
from crossdock.sandbox.faces.contract import Act, Call, Face, Reply, Route
from crossdock.sandbox.faces.dealing import Dealing, OrderRef
from crossdock.sandbox.faces.keys import Holder
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation
from crossdock.sandbox.host import Host

_LETTERS = string.ascii_letters + string.digits
_MADE_UP = 22

encode = msgspec.json.Encoder().encode


class Door(Face):
    """A face whose calls are `Method`s: a subclass makes them before its routes are asked."""

    vocabulary: ClassVar[Vocabulary]
    order_windows: ClassVar[tuple[OrderWindow, ...]]

    def __init__(self, host: Host, dealing: Dealing) -> None:
        super().__init__(host, dealing)
        self.weights = WeightLimiter(self.limits)
        self._apart: dict[tuple[str, str], ApartLimiter] = {}
        self._by_route: dict[tuple[str, str], Method] = {}
        self._counts: dict[str, OrderCounts] = {}
        self._random = random.Random(host.name)  # noqa: S311 - not a secret

    def routes_of(self, methods: Iterable[Method]) -> Sequence[Route]:
        return [self._route(it) for it in methods]

    # In.

    def claimed_key(self, call: Call) -> str:
        return call.request.headers.get("X-MBX-APIKEY", "") if call.route.is_signed else ""

    def enter(self, call: Call) -> None:
        method = self._method(call)
        params = self._params(call)
        account = self.host.keys.account_of(self.claimed_key(call)) or ""
        weight = method.weight_of(params)
        if method.is_apart:
            limiter = self._apart_limiter(method, account)
            self.passage.limit(limiter, method.operation, account or None, weight)
        else:
            self.admit_weight(method.operation, weight, account)
        if method.security == "NONE":
            return
        if method.security == "USER_STREAM":
            call.holder = self._named(self.claimed_key(call))
            self.admit_holder(call.holder, method)
            return
        body = call.body.decode("utf-8", "replace")
        payload = unsigned(call.request.rel_url.raw_query_string) + unsigned(body)
        call.holder = self.verify(self.claimed_key(call), payload, params)
        self.admit_holder(call.holder, method)
        call.window = window(self.host, params)

    def verify(self, key: str, payload: str, params: Params) -> Holder:
        """Return who signed. Raises Refusal."""
        return verify(self.host, key, payload, params)

    def admit_weight(self, operation: Operation, weight: int, account: str) -> None:
        """Count a call's weight. Raises Refusal above the limit and under a ban."""
        self.passage.limit(self.weights, operation, account or None, weight)

    def admit_holder(self, holder: Holder, method: Method) -> None:
        """Check what a key may do, and count its orders. Raises Refusal."""
        self.passage.check_key(holder, method.operation)
        if method.security == "TRADE" and not holder.may_trade:
            raise Refusal("not_allowed", "the key may not trade")
        if method.orders:
            counts = self.order_counts(holder.account)
            counts.admit(method.orders, self.host.clock.time_ns())

    def order_counts(self, account: str) -> OrderCounts:
        counts = self._counts.get(account)
        if counts is None:
            counts = OrderCounts(self.limits, self.order_windows)
            self._counts[account] = counts
        return counts

    def ref(self, params: Params, account: str, by_id: str, by_client: str) -> OrderRef:
        """Read which order is meant. Raises Refusal."""
        number, text = params.whole_or_none(by_id), params.maybe(by_client)
        if number is None and text is None:
            raise Said(
                -1102,
                f"Param '{by_client}' or '{by_id}' must be sent, but both were empty/null!",
            )
        if number is not None:
            return OrderRef(order_id=str(number))
        return OrderRef(client_id=self.host.client_ids.find(account, text or ""))

    # Out.

    def reply(self, call: Call, result: Any) -> Reply:
        return Reply(encode(result), headers=self._headers(call))

    def refusal(self, call: Call | None, refusal: Refusal) -> Reply:
        operation = Operation.READ if call is None else call.route.operation
        body, status = self.vocabulary.error(refusal, operation)
        headers = self._headers(call)
        if refusal.retry_after_s is not None:
            headers["Retry-After"] = str(max(1, -int(-refusal.retry_after_s // 1)))
        return Reply(encode(body), status=status, headers=headers)

    def fill_order_id(self, account: str, fill: VenueFill) -> str:
        order = self.host.venue.find(account, order_id=fill.order_id)
        return order.chain[0]

    def execution_id(self, fill_id: str) -> str:
        return fill_id[1:]

    def order_ids(self, order: VenueOrder) -> Sequence[str]:
        return order.chain[:1]

    def client_id(self, account: str, engine_id: str) -> str:
        return self.host.client_ids.shown(account, engine_id)

    # What the parts share.

    def made_up(self) -> str:
        """Return an id for a client that gave none."""
        return "".join(self._random.choices(_LETTERS, k=_MADE_UP))

    def _named(self, key: str) -> Holder:
        if not key:
            raise Said(-2014, "API-key format invalid.", status=401)
        holder = self.host.keys.find(key)
        if holder is None:
            raise Refusal("bad_key", "no such key")
        return holder

    def _route(self, method: Method) -> Route:
        def prepare(call: Call) -> Act:
            return method.prepare(self._params(call), call.account)

        self._by_route[method.http, method.path] = method
        return Route(
            method.http,
            method.path,
            prepare,
            method.operation,
            is_signed=method.security != "NONE",
        )

    def _apart_limiter(self, method: Method, account: str) -> ApartLimiter:
        key = method.path, account if method.by_user else ""
        limiter = self._apart.get(key)
        if limiter is None:
            most = self.limits["user_weight_1m" if method.by_user else "call_weight_1m"]
            limiter = self._apart[key] = ApartLimiter(self.weights, most)
        return limiter

    def _method(self, call: Call) -> Method:
        return self._by_route[call.route.method, call.route.path]

    def _params(self, call: Call) -> Params:
        query = call.request.rel_url.raw_query_string
        return Params.of_query(query, call.body.decode("utf-8", "replace"))

    def _headers(self, call: Call | None) -> dict[str, str]:
        now_ns = self.host.clock.time_ns()
        if call is not None and (method := self._method(call)).is_apart:
            account = self.host.keys.account_of(self.claimed_key(call)) or ""
            counted = "UID" if method.by_user else "IP"
            weight = self._apart_limiter(method, account).used(now_ns)
            return {f"X-SAPI-USED-{counted}-WEIGHT-1M": str(weight)}
        used = str(self.weights.used(now_ns))
        headers = {"X-MBX-USED-WEIGHT": used, "X-MBX-USED-WEIGHT-1M": used}
        if call is not None and call.holder is not None and self._method(call).orders:
            for rate, count in self.order_counts(call.account).used(now_ns):
                headers[rate.header] = str(count)
        return headers
