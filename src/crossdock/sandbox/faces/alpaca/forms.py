"""Orders and replaces as they are sent.

https://docs.alpaca.markets/reference/postorder,
https://docs.alpaca.markets/reference/patchorderbyorderid-1,
https://docs.alpaca.markets/docs/orders-at-alpaca and
https://docs.alpaca.markets/docs/fractional-trading, read 2026-11-21. Numbers may come as
texts or as JSON numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import msgspec

from crossdock.model import Contingency, OrderType, Side, TimeInForce
from crossdock.sandbox.engine import LegForm, OrderForm
from crossdock.sandbox.faces.alpaca.assets import Asset
from crossdock.sandbox.faces.alpaca.chains import Terms
from crossdock.sandbox.faces.alpaca.params import check_number
from crossdock.sandbox.faces.alpaca.refusals import forbidden, parameter, unprocessable

_TYPES = ("market", "limit", "stop", "stop_limit", "trailing_stop")
_COIN_TYPES = ("market", "limit", "stop_limit")
_TIMES = {
    "day": TimeInForce.DAY,
    "gtc": TimeInForce.GTC,
    "ioc": TimeInForce.IOC,
    "fok": TimeInForce.FOK,
}
_CLASSES = ("", "simple", "bracket", "oco", "oto")
_COIN_TIMES = (TimeInForce.GTC, TimeInForce.IOC)
_KEPT = (TimeInForce.DAY, TimeInForce.GTC)
_LONGEST_ID = 128


class Exit(msgspec.Struct, frozen=True):
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None


class SubmitForm(msgspec.Struct, frozen=True, kw_only=True):
    symbol: str
    side: str
    type: str
    time_in_force: str
    qty: Decimal | None = None
    notional: Decimal | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_price: Decimal | None = None
    trail_percent: Decimal | None = None
    extended_hours: bool | None = None
    client_order_id: str | None = None
    order_class: str | None = None
    take_profit: Exit | None = None
    stop_loss: Exit | None = None
    position_intent: str | None = None

    def __post_init__(self) -> None:
        """Raise Refusal for what cannot be right whatever is traded."""
        if self.side not in ("buy", "sell"):
            raise parameter(f"invalid side: {self.side}")
        if self.type not in _TYPES:
            raise parameter(f"invalid order type: {self.type}")
        if self.time_in_force not in _TIMES:
            raise unprocessable(f"time_in_force {self.time_in_force} is not taken")
        if (self.order_class or "") not in _CLASSES:
            raise unprocessable(f"order_class {self.order_class} is not taken")
        if (self.qty is None) == (self.notional is None):
            raise unprocessable("one of qty or notional is required")
        if self.client_order_id is not None and len(self.client_order_id) > _LONGEST_ID:
            raise parameter(f"client_order_id must be {_LONGEST_ID} characters or less")
        numbers = {
            "qty": self.qty,
            "notional": self.notional,
            "limit_price": self.limit_price,
            "stop_price": self.stop_price,
            "trail_price": self.trail_price,
            "trail_percent": self.trail_percent,
        }
        for name, part in (
            ("take_profit", self.take_profit),
            ("stop_loss", self.stop_loss),
        ):
            if part is not None:
                numbers[f"{name}.limit_price"] = part.limit_price
                numbers[f"{name}.stop_price"] = part.stop_price
        for name, value in numbers.items():
            if value is not None:
                check_number(value, name)

    @property
    def terms(self) -> Terms:
        """What the engine does not keep of it."""
        return Terms(
            "" if self.order_class == "simple" else self.order_class or "",
            bool(self.extended_hours),
            self.notional,
            self.position_intent,
        )

    def order(
        self, asset: Asset, quantity: Decimal, named: Callable[[str | None], str]
    ) -> OrderForm:
        """Return the engine's form; `named` gives an order its engine's id.

        Raises Refusal for what is not taken of this asset.
        """
        self._check_prices()
        self._check_asset(asset, quantity)
        legs = self._legs()
        limit = self.limit_price
        if self.order_class == "oco" and self.take_profit is not None:
            limit = self.take_profit.limit_price
        return OrderForm(
            client_order_id=named(self.client_order_id),
            symbol=asset.market.symbol,
            side=Side(self.side),
            type=OrderType(self.type),
            quantity=quantity,
            limit_price=limit,
            stop_price=self.stop_price,
            trail_amount=self.trail_price,
            trail_percent=self.trail_percent,
            time_in_force=_TIMES[self.time_in_force],
            attached=tuple(
                LegForm(
                    limit_price=leg.limit_price,
                    stop_price=leg.stop_price,
                    client_order_id=named(None),
                )
                for leg in legs
            ),
            contingency=Contingency.OCO if self.order_class == "oco" else Contingency.OTO,
        )

    def _check_prices(self) -> None:
        wants_limit = self.type in ("limit", "stop_limit")
        is_oco = self.order_class == "oco"
        if wants_limit and self.limit_price is None and not is_oco:
            raise unprocessable(f"{self.type} orders require limit price")
        if not wants_limit and self.limit_price is not None:
            raise unprocessable(f"{self.type} orders must not have limit price")
        wants_stop = self.type in ("stop", "stop_limit")
        if wants_stop != (self.stop_price is not None):
            words = "require" if wants_stop else "must not have"
            raise unprocessable(f"{self.type} orders {words} stop price")
        trails = [it for it in (self.trail_price, self.trail_percent) if it is not None]
        if len(trails) != (self.type == "trailing_stop"):
            raise unprocessable(
                "trailing_stop orders require one of trail_price and trail_percent"
            )

    def _check_asset(self, asset: Asset, quantity: Decimal) -> None:
        time_in_force = _TIMES[self.time_in_force]
        is_fraction = bool(quantity % 1) or self.notional is not None
        if self.notional is not None and self.type != "market":
            raise unprocessable("notional is for market orders here")
        if asset.is_coin:
            if time_in_force not in _COIN_TIMES:
                raise unprocessable("invalid crypto time_in_force")
            if self.type not in _COIN_TYPES:
                raise unprocessable("invalid order type for crypto order")
            if self.order_class not in ("", "simple", None):
                raise unprocessable("crypto orders not allowed for advanced order_class")
        elif is_fraction and not asset.is_fractionable:
            raise forbidden(f'asset "{asset.symbol}" is not fractionable')
        elif is_fraction and time_in_force is not TimeInForce.DAY:
            raise unprocessable("fractional orders must be DAY orders")
        elif is_fraction and (self.terms.order_class or self.type == "trailing_stop"):
            raise unprocessable("fractional orders must be simple orders")
        if self.extended_hours and (self.type != "limit" or time_in_force not in _KEPT):
            raise unprocessable("extended hours order must be DAY or GTC limit orders")

    def _legs(self) -> list[Exit]:
        """Return the exits, take-profit first."""
        profit, loss = self.take_profit, self.stop_loss
        if loss is not None and loss.stop_price is None:
            raise unprocessable("stop_loss.stop_price is required")
        if profit is not None and (
            profit.limit_price is None or profit.stop_price is not None
        ):
            raise unprocessable("take_profit.limit_price is required")
        match self.order_class:
            case "bracket":
                if profit is None or loss is None:
                    raise unprocessable("bracket orders require take_profit and stop_loss")
                legs = [profit, loss]
            case "oto":
                legs = [it for it in (profit, loss) if it is not None]
                if len(legs) != 1:
                    raise unprocessable("oto orders require take_profit or stop_loss")
            case "oco":
                if profit is None or loss is None or self.type != "limit":
                    raise unprocessable(
                        "oco orders must be limit orders with take_profit and stop_loss"
                    )
                return [loss]
            case _:
                if profit is not None or loss is not None:
                    raise unprocessable("take_profit and stop_loss need an order_class")
                return []
        if self.type not in ("market", "limit", "stop", "stop_limit"):
            raise unprocessable(f"{self.type} orders take no exits")
        if _TIMES[self.time_in_force] not in _KEPT:
            raise unprocessable("complex orders must be DAY or GTC orders")
        return legs


class ReplaceForm(msgspec.Struct, frozen=True, kw_only=True):
    qty: Decimal | None = None
    time_in_force: str | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail: Decimal | None = None
    client_order_id: str | None = None

    def __post_init__(self) -> None:
        for name in ("qty", "limit_price", "stop_price", "trail"):
            value = getattr(self, name)
            if value is not None:
                check_number(value, name)
        if self.client_order_id is not None and len(self.client_order_id) > _LONGEST_ID:
            raise parameter(f"client_order_id must be {_LONGEST_ID} characters or less")
