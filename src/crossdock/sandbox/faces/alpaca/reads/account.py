"""What an account has, and how it is set.

https://docs.alpaca.markets/reference/getaccount-1,
https://docs.alpaca.markets/reference/getallopenpositions and
https://docs.alpaca.markets/reference/getaccountconfig-1, read 2026-11-21.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.model import ZERO
from crossdock.sandbox.faces.alpaca.assets import CRYPTO, USD, Asset
from crossdock.sandbox.faces.alpaca.ids import named_id
from crossdock.sandbox.faces.alpaca.params import Query, read_json
from crossdock.sandbox.faces.alpaca.refusals import (
    forbidden,
    not_found,
    parameter,
    spoken,
    unprocessable,
)
from crossdock.sandbox.faces.alpaca.times import SECOND_NS, text_of
from crossdock.sandbox.faces.alpaca.trading import Answer
from crossdock.sandbox.faces.contract import Act, Call
from crossdock.sandbox.faces.numbers import plain, plain_or_none
from crossdock.sandbox.faces.refusals import Refusal

if TYPE_CHECKING:
    from crossdock.sandbox.faces.alpaca.face import AlpacaFace

Row = dict[str, Any]

_MULTI_STATUS = 207
_WHOLE_PCT = 100
_CENT = Decimal("0.01")
_SETTINGS: Row = {
    "dtbp_check": "entry",
    "trade_confirm_email": "all",
    "suspend_trade": False,
    "no_shorting": True,
    "fractional_trading": True,
    "max_margin_multiplier": "1",
    "max_options_trading_level": 0,
    "pdt_check": "entry",
    "ptp_no_exception_entry": False,
    "disable_overnight_trading": False,
}


class _Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be set; what is given takes the place of what was."""

    dtbp_check: str | None = None
    trade_confirm_email: str | None = None
    suspend_trade: bool | None = None
    no_shorting: bool | None = None
    fractional_trading: bool | None = None
    max_margin_multiplier: str | None = None
    max_options_trading_level: int | None = None
    pdt_check: str | None = None
    ptp_no_exception_entry: bool | None = None
    disable_overnight_trading: bool | None = None


class AccountReads:
    """Money, holdings and settings of every account."""

    def __init__(self, face: AlpacaFace) -> None:
        self._face = face
        self._venue = face.host.venue
        self._created_ns = face.host.now_ns()
        self._settings: dict[str, Row] = {}

    # What the others ask.

    def is_suspended(self, account: str) -> bool:
        return bool(self._set(account)["suspend_trade"])

    def held(self, account: str, name: str) -> tuple[Decimal, Decimal]:
        """Return how much of an asset there is, and how much of it orders hold."""
        for asset, total, held in self._venue.balances(account):
            if asset == name:
                return total, held
        return ZERO, ZERO

    def available(self, account: str, name: str) -> Decimal:
        total, held = self.held(account, name)
        return total - held

    # What is called.

    def account(self, call: Call) -> Act:
        return lambda _: self._account(call.account)

    def settings(self, call: Call) -> Act:
        return lambda _: self._set(call.account)

    def change_settings(self, call: Call) -> Act:
        asked = msgspec.structs.asdict(read_json(call.body, _Settings))
        given = {name: value for name, value in asked.items() if value is not None}

        def act(_: int) -> Row:
            self._settings[call.account] = self._set(call.account) | given
            return self._set(call.account)

        return act

    def portfolio_history(self, call: Call) -> Act:
        """Tell the one point there is: now. What was, the venue does not keep."""

        def act(now_ns: int) -> Row:
            equity = self._equity(call.account)
            return {
                "timestamp": [now_ns // SECOND_NS],
                "equity": [equity],
                "profit_loss": [0],
                "profit_loss_pct": [0],
                "base_value": equity,
                "timeframe": Query(call.request.query).text("timeframe", "1D"),
            }

        return act

    def positions(self, call: Call) -> Act:
        return lambda _: [
            self._position(call.account, *it) for it in self._held(call.account)
        ]

    def position(self, call: Call) -> Act:
        text = call.request.match_info["symbol"]

        def act(_: int) -> Row:
            return self._position(call.account, *self._find(call.account, text))

        return act

    def close(self, call: Call) -> Act:
        text, query = call.request.match_info["symbol"], Query(call.request.query)
        asked, share_pct = query.decimal("qty"), query.decimal("percentage")
        if asked is not None and share_pct is not None:
            raise parameter("qty and percentage exclude one another")
        if share_pct is not None and share_pct > _WHOLE_PCT:
            raise parameter("percentage must be <= 100")

        def act(now_ns: int) -> Row:
            _, asset, total, _ = self._find(call.account, text)
            quantity = asked
            if quantity is None:
                quantity = total * (share_pct or _WHOLE_PCT) / _WHOLE_PCT
            return self._close(call.account, asset, quantity, now_ns)

        return act

    def close_all(self, call: Call) -> Act:
        cancels = Query(call.request.query).flag("cancel_orders")

        def act(now_ns: int) -> Answer:
            if cancels:
                self._face.trading.cancel_every(call.account, now_ns)
            rows: list[Row] = []
            for symbol, asset, total, _ in self._held(call.account):
                try:
                    body = self._close(call.account, asset, total, now_ns)
                    rows.append({"symbol": symbol, "status": 200, "body": body})
                except Refusal as refusal:
                    status, words = spoken(refusal)
                    rows.append({"symbol": symbol, "status": status, "body": words})
            return Answer(rows, _MULTI_STATUS)

        return act

    # How it is made.

    def _set(self, account: str) -> Row:
        return self._settings.get(account, _SETTINGS)

    def _account(self, account: str) -> Row:
        cash, _ = self.held(account, USD)
        power = plain(max(self.available(account, USD), ZERO))
        equity = plain(self._equity(account))
        long = plain(self._equity(account) - cash)
        return {
            "id": named_id(f"account {account}"),
            "account_number": f"PA{named_id(account)[:8].upper()}",
            "status": "ACTIVE",
            "crypto_status": "ACTIVE",
            "currency": USD,
            "cash": plain(cash),
            "buying_power": power,
            "regt_buying_power": power,
            "non_marginable_buying_power": power,
            "options_buying_power": power,
            "accrued_fees": "0",
            "portfolio_value": equity,
            "trading_blocked": False,
            "transfers_blocked": False,
            "account_blocked": False,
            "created_at": text_of(self._created_ns),
            "trade_suspended_by_user": self.is_suspended(account),
            "multiplier": "1",
            "shorting_enabled": False,
            "equity": equity,
            "last_equity": equity,
            "long_market_value": long,
            "short_market_value": "0",
            "position_market_value": long,
            "initial_margin": "0",
            "maintenance_margin": "0",
            "last_maintenance_margin": "0",
            "sma": "0",
            "options_approved_level": 0,
            "options_trading_level": 0,
        }

    def _equity(self, account: str) -> Decimal:
        total, _ = self.held(account, USD)
        for _, asset, quantity, _ in self._held(account):
            price = self._face.assets.worth(asset) if asset else None
            total += quantity * (price or ZERO)
        return total.quantize(_CENT)

    def _held(self, account: str) -> list[tuple[str, Asset | None, Decimal, Decimal]]:
        """Return (symbol, asset, total, held) of shares and coins that there are."""
        rows = []
        for name, total, held in self._venue.balances(account):
            if name == USD or not total:
                continue
            asset = self._face.assets.held(name)
            symbol = f"{name}{USD}" if asset is None else asset.held_symbol
            rows.append((symbol, asset, total, held))
        return rows

    def _find(self, account: str, text: str) -> tuple[str, Asset | None, Decimal, Decimal]:
        wanted = self._face.assets.find(text)
        for row in self._held(account):
            if text == row[0] or (wanted is not None and wanted.held_symbol == row[0]):
                return row
        raise not_found("position does not exist")

    def _close(
        self, account: str, asset: Asset | None, quantity: Decimal, now_ns: int
    ) -> Row:
        if asset is None:
            raise unprocessable("it is not traded here")
        step = asset.market.quantity_step
        quantity = quantity // step * step
        if not quantity:
            raise forbidden("the quantity is less than what is traded")
        return self._face.trading.close(account, asset, quantity, now_ns)

    def _position(
        self,
        account: str,
        symbol: str,
        asset: Asset | None,
        total: Decimal,
        held: Decimal,
    ) -> Row:
        entry, price = ZERO, None
        if asset is not None:
            bought = self._face.executions.bought(account, asset.market.symbol)
            entry = bought.average
            price = self._face.assets.worth(asset)
        cost = entry * total
        value = None if price is None else price * total
        gain = None if value is None else value - cost
        part = None if gain is None else (gain / cost if cost else ZERO)
        told = plain_or_none(_nine(price))
        return {
            "asset_id": named_id(symbol) if asset is None else asset.id,
            "symbol": symbol,
            "exchange": "CRYPTO" if asset is None else asset.exchange,
            "asset_class": CRYPTO if asset is None else asset.asset_class,
            "asset_marginable": False,
            "qty": plain(total),
            "qty_available": plain(total - held),
            "avg_entry_price": plain(_nine(entry) or ZERO),
            "side": "long",
            "market_value": plain_or_none(_nine(value)),
            "cost_basis": plain(_nine(cost) or ZERO),
            "unrealized_pl": plain_or_none(_nine(gain)),
            "unrealized_plpc": plain_or_none(_nine(part)),
            "unrealized_intraday_pl": plain_or_none(_nine(gain)),
            "unrealized_intraday_plpc": plain_or_none(_nine(part)),
            "current_price": told,
            "lastday_price": told,
            "change_today": "0",
        }


def _nine(value: Decimal | None) -> Decimal | None:
    """Round for show, to nine digits."""
    return None if value is None else round(value, 9)
