"""Reads of what an account holds and how it is set up: balances, positions, leverage.

https://developers.binance.com/docs/derivatives/usds-margined-futures/account/rest-api, read
2026-11-21.
"""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import ZERO
from crossdock.sandbox.engine import VenuePosition
from crossdock.sandbox.engine.exact import value
from crossdock.sandbox.faces.binance_futures.rules import MARGIN_RATE, MOST_LEVERAGE
from crossdock.sandbox.faces.binance_futures.words import position_side
from crossdock.sandbox.faces.binance_words.params import Params
from crossdock.sandbox.faces.binance_words.refusals import Said
from crossdock.sandbox.faces.binance_words.writing import milliseconds
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.numbers import plain

if TYPE_CHECKING:
    from crossdock.sandbox.faces.binance_futures.exchange import FuturesFace

_MOST_NOTIONAL = Decimal(1_000_000_000)
_MODES = ("CROSSED", "ISOLATED")
_MODERATE = Context(prec=28)
_PLACES = Decimal("1e-8")


class Holdings:
    """Reads of one venue's accounts, and the settings they keep for each symbol."""

    def __init__(self, face: FuturesFace) -> None:
        self._face = face
        self._host = face.host
        self._leverage: dict[tuple[str, str], int] = {}
        self._isolated: set[tuple[str, str]] = set()

    def account(self, params: Params, account: str) -> Act:
        def act(now_ns: int) -> Any:
            assets = self._assets(account, now_ns)
            return {
                "feeTier": 0,
                "canTrade": self._host.keys.of_account(account).may_trade,
                "canDeposit": True,
                "canWithdraw": self._host.keys.of_account(account).may_withdraw,
                "updateTime": milliseconds(now_ns),
                "multiAssetsMargin": False,
                "assets": assets,
                "positions": self._rows(account, now_ns),
            }

        return act

    def balance(self, params: Params, account: str) -> Act:
        def act(now_ns: int) -> Any:
            return [
                {
                    "accountAlias": "sandbox",
                    "asset": it["asset"],
                    "balance": it["walletBalance"],
                    "crossWalletBalance": it["crossWalletBalance"],
                    "crossUnPnl": it["crossUnPnl"],
                    "availableBalance": it["availableBalance"],
                    "maxWithdrawAmount": it["maxWithdrawAmount"],
                    "updateTime": it["updateTime"],
                }
                for it in self._assets(account, now_ns)
            ]

        return act

    def positions(self, params: Params, account: str) -> Act:
        symbol = None
        if "symbol" in params:
            symbol = self._face.symbols.id(self._face.symbols.symbol(params.text("symbol")))

        def act(now_ns: int) -> Any:
            rows = self._rows(account, now_ns)
            return [it for it in rows if symbol in (None, it["symbol"])]

        return act

    def config(self, params: Params, account: str) -> Act:
        holder = self._host.keys.of_account(account)
        return lambda _now_ns: {
            "feeTier": 0,
            "canTrade": holder.may_trade,
            "canDeposit": True,
            "canWithdraw": holder.may_withdraw,
            "dualSidePosition": self._host.venue.spec.hedge_mode,
            "multiAssetsMargin": False,
            "tradeGroupId": -1,
        }

    def mode(self, params: Params, account: str) -> Act:
        hedged = self._host.venue.spec.hedge_mode
        return lambda _now_ns: {"dualSidePosition": hedged}

    def commission(self, params: Params, account: str) -> Act:
        name = params.text("symbol")
        market = self._face.symbols.market(name)
        return lambda _now_ns: {
            "symbol": name,
            "makerCommissionRate": plain(market.maker_fee),
            "takerCommissionRate": plain(market.taker_fee),
        }

    def brackets(self, params: Params, account: str) -> Act:
        """Return the steps of leverage: there is one."""
        bounds = ("qtyFloor", "qtyCap")
        if not self._face.terms.is_inverse:
            bounds = ("notionalFloor", "notionalCap")
        bracket = {
            "bracket": 1,
            "initialLeverage": MOST_LEVERAGE,
            bounds[0]: 0,
            bounds[1]: int(_MOST_NOTIONAL),
            "maintMarginRatio": float(MARGIN_RATE),
            "cum": 0.0,
        }
        symbols = self._face.symbols
        names = [symbols.id(it) for it in symbols.all]
        if "symbol" in params:
            names = [symbols.id(symbols.symbol(params.text("symbol")))]
        return lambda _now_ns: [{"symbol": it, "brackets": [bracket]} for it in names]

    def set_leverage(self, params: Params, account: str) -> Act:
        symbol = self._face.symbols.symbol(params.text("symbol"))
        leverage = params.whole("leverage")
        if not 1 <= leverage <= MOST_LEVERAGE:
            raise Said(-4028, f"Leverage {leverage} is not valid")

        def act(_now_ns: int) -> Any:
            self._leverage[account, symbol] = leverage
            return {
                "leverage": leverage,
                "maxNotionalValue": plain(_MOST_NOTIONAL),
                "symbol": self._face.symbols.id(symbol),
            }

        return act

    def set_margin_type(self, params: Params, account: str) -> Act:
        symbol = self._face.symbols.symbol(params.text("symbol"))
        is_isolated = params.choice("marginType", _MODES) == "ISOLATED"

        def act(_now_ns: int) -> Any:
            key = (account, symbol)
            if (key in self._isolated) is is_isolated:
                raise Said(-4046, "No need to change margin type.")
            if any(it.symbol == symbol for it in self._host.venue.open_orders(account)):
                words = "Margin type cannot be changed if there exists open orders."
                raise Said(-4047, words)
            held = self._host.venue.positions(account)
            if any(it.symbol == symbol and it.quantity for it in held):
                raise Said(-4048, "Margin type cannot be changed if there exists position.")
            (self._isolated.add if is_isolated else self._isolated.discard)(key)
            return {"code": 200, "msg": "success"}

        return act

    def profit(self, position: VenuePosition) -> Decimal:
        """Return what a position would realise at the last price."""
        market = self._host.venue.markets[position.symbol]
        entry, mark = position.entry_price, self.mark(position.symbol)
        if not position.quantity or entry is None or not mark:
            return ZERO
        if self._face.terms.is_inverse:
            now = value(market, position.quantity, mark)
            then = _MODERATE.divide(position.quantity * market.multiplier, entry)
            found = then - now
        else:
            found = (mark - entry) * position.quantity * market.multiplier
        return found.quantize(_PLACES, context=_MODERATE)

    def mark(self, symbol: str) -> Decimal:
        return self._host.venue.last_price(symbol) or ZERO

    def _assets(self, account: str, now_ns: int) -> list[dict[str, Any]]:
        profits: dict[str, Decimal] = {}
        for it in self._host.venue.positions(account):
            if it.symbol in self._face.symbols:
                profits[it.settle] = profits.get(it.settle, ZERO) + self.profit(it)
        rows = []
        for asset, total, held in self._host.venue.balances(account):
            profit = profits.get(asset, ZERO)
            free = plain(max(ZERO, total + profit - held))
            rows.append(
                {
                    "asset": asset,
                    "walletBalance": plain(total),
                    "unrealizedProfit": plain(profit),
                    "marginBalance": plain(total + profit),
                    "maintMargin": plain(held / 2),
                    "initialMargin": plain(held),
                    "positionInitialMargin": plain(held),
                    "openOrderInitialMargin": "0",
                    "crossWalletBalance": plain(total),
                    "crossUnPnl": plain(profit),
                    "availableBalance": free,
                    "maxWithdrawAmount": free,
                    "marginAvailable": True,
                    "updateTime": milliseconds(now_ns),
                }
            )
        return rows

    def _rows(self, account: str, now_ns: int) -> list[dict[str, Any]]:
        return [
            self._row(account, it, now_ns)
            for it in self._host.venue.positions(account)
            if it.symbol in self._face.symbols and it.quantity
        ]

    def _row(self, account: str, held: VenuePosition, now_ns: int) -> dict[str, Any]:
        market = self._host.venue.markets[held.symbol]
        mark = self.mark(held.symbol)
        worth = value(market, held.quantity, mark) if mark else ZERO
        is_isolated = (account, held.symbol) in self._isolated
        margin = plain(abs(worth) * MARGIN_RATE * 2)
        name = self._face.symbols.id(held.symbol)
        row: dict[str, Any] = {
            "symbol": name,
            "positionSide": position_side(held.position_side),
            "positionAmt": plain(held.quantity),
            "entryPrice": plain(held.entry_price or ZERO),
            "breakEvenPrice": plain(held.entry_price or ZERO),
            "markPrice": plain(mark),
            "unRealizedProfit": plain(self.profit(held)),
            "liquidationPrice": "0",
            "isolatedMargin": margin if is_isolated else "0",
            "isolatedWallet": margin if is_isolated else "0",
            "updateTime": milliseconds(now_ns),
        }
        if self._face.terms.is_inverse:
            return row | {
                "notionalValue": plain(worth),
                "leverage": str(self._leverage.get((account, held.symbol), MOST_LEVERAGE)),
                "marginType": "isolated" if is_isolated else "cross",
                "isAutoAddMargin": "false",
                "maxQty": plain(_MOST_NOTIONAL),
            }
        return row | {
            "notional": plain(worth),
            "marginAsset": held.settle,
            "initialMargin": margin,
            "maintMargin": plain(abs(worth) * MARGIN_RATE),
            "positionInitialMargin": margin,
            "openOrderInitialMargin": "0",
            "adl": 0,
            "bidNotional": "0",
            "askNotional": "0",
        }
