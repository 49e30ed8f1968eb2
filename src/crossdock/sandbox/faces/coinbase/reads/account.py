"""Reads of an account: balances, portfolio, rights, fees."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from crossdock.model import ZERO, FillKind
from crossdock.sandbox.faces.coinbase.ids import named
from crossdock.sandbox.faces.coinbase.params import Query
from crossdock.sandbox.faces.coinbase.products import FIAT
from crossdock.sandbox.faces.coinbase.refusals import invalid, not_found
from crossdock.sandbox.faces.coinbase.values import Row, moment
from crossdock.sandbox.faces.contract import Act, Call
from crossdock.sandbox.faces.numbers import plain

if TYPE_CHECKING:
    from crossdock.sandbox.faces.coinbase.face import CoinbaseFace

_USUAL_ROWS = 49
_MOST_ROWS = 250
_OPENED = moment(0)
_KIND = "DEFAULT"

Balance = tuple[str, Decimal, Decimal]


class Account:
    """Reads of one venue's accounts."""

    def __init__(self, face: CoinbaseFace) -> None:
        self._face = face
        self._host = face.host

    def accounts(self, call: Call) -> Act:
        query = Query(call.request.rel_url.raw_query_string)
        limit = query.whole("limit", _USUAL_ROWS, most=_MOST_ROWS)
        first = query.whole("cursor", 0)
        if not limit:
            raise invalid("limit must be positive")

        def act(now_ns: int) -> Row:
            balances = self.balances(call.account)
            page = balances[first : first + limit]
            has_next = first + limit < len(balances)
            return {
                "accounts": [self._row(call.account, it, now_ns) for it in page],
                "has_next": has_next,
                "cursor": str(first + limit) if has_next else "",
                "size": len(page),
            }

        return act

    def account(self, call: Call) -> Act:
        text = call.request.match_info["account_uuid"]

        def act(now_ns: int) -> Row:
            balance = self.find(call.account, text)
            return {"account": self._row(call.account, balance, now_ns)}

        return act

    def portfolios(self, call: Call) -> Act:
        def act(_now_ns: int) -> Row:
            return {"portfolios": [self._portfolio(call.account)]}

        return act

    def portfolio(self, call: Call) -> Act:
        """Return what a portfolio holds, each asset worth what it would fetch in dollars."""
        text = call.request.match_info["portfolio_uuid"]
        account = call.account

        def act(_now_ns: int) -> Row:
            if text != self._face.portfolio_id(account):
                raise not_found("portfolio not found")
            positions, crypto, cash = [], ZERO, ZERO
            for asset, total, held in self.balances(account):
                worth = self._worth(asset, total)
                if asset in FIAT:
                    cash += worth
                else:
                    crypto += worth
                positions.append(
                    {
                        "asset": asset,
                        "account_uuid": self.uuid(account, asset),
                        "total_balance_fiat": float(worth),
                        "total_balance_crypto": float(total),
                        "available_to_trade_crypto": float(total - held),
                        "is_cash": asset in FIAT,
                    }
                )
            return {
                "breakdown": {
                    "portfolio": self._portfolio(account),
                    "portfolio_balances": {
                        "total_balance": _money(cash + crypto),
                        "total_futures_balance": _money(ZERO),
                        "total_cash_equivalent_balance": _money(cash),
                        "total_crypto_balance": _money(crypto),
                        "futures_unrealized_pnl": _money(ZERO),
                        "perp_unrealized_pnl": _money(ZERO),
                    },
                    "spot_positions": positions,
                    "perp_positions": [],
                    "futures_positions": [],
                }
            }

        return act

    def futures(self, call: Call) -> Act:
        """Return no positions: nothing but spot is traded here."""
        return lambda _now_ns: {"positions": []}

    def permissions(self, call: Call) -> Act:
        """Return what the key may do."""
        holder = call.holder
        assert holder is not None, "the call is signed"
        return lambda _now_ns: {
            "can_view": True,
            "can_trade": holder.may_trade,
            "can_transfer": holder.may_withdraw,
            "portfolio_uuid": self._face.portfolio_id(call.account),
            "portfolio_type": _KIND,
        }

    def summary(self, call: Call) -> Act:
        """Return volume, fees and the rates they are charged by."""

        def act(_now_ns: int) -> Row:
            fills = [
                it
                for it in self._host.venue.fills(call.account)
                if it.kind is FillKind.REPORTED
            ]
            volume = sum((it.price * it.quantity for it in fills), ZERO)
            fees = sum((it.fee for it in fills), ZERO)
            market = self._host.venue.spec.markets[0]
            return {
                "total_volume": float(volume),
                "total_fees": float(fees),
                "fee_tier": {
                    "pricing_tier": "Advanced 1",
                    "usd_from": "0",
                    "usd_to": "1000",
                    "taker_fee_rate": plain(market.taker_fee),
                    "maker_fee_rate": plain(market.maker_fee),
                    "aop_from": "",
                    "aop_to": "",
                },
                "margin_rate": None,
                "goods_and_services_tax": None,
                "advanced_trade_only_volume": float(volume),
                "advanced_trade_only_fees": float(fees),
                "coinbase_pro_volume": 0,
                "coinbase_pro_fees": 0,
                "total_balance": "",
                "has_promo_fee": False,
            }

        return act

    def balances(self, account: str) -> list[Balance]:
        """Return every asset, those of products that are not held too."""
        held = {row[0]: row for row in self._host.venue.balances(account)}
        assets = sorted({*self._face.products.assets(), *held})
        return [held.get(asset, (asset, ZERO, ZERO)) for asset in assets]

    def uuid(self, account: str, asset: str) -> str:
        return named(self._host.name, account, asset)

    def find(self, account: str, text: str) -> Balance:
        """Return the balance an account id names; an asset's code does too."""
        for row in self.balances(account):
            if text in (row[0], self.uuid(account, row[0])):
                return row
        raise not_found("account not found")

    def _row(self, account: str, balance: Balance, now_ns: int) -> Row:
        asset, total, held = balance
        return {
            "uuid": self.uuid(account, asset),
            "name": f"{asset} Wallet",
            "currency": asset,
            "available_balance": {"value": plain(total - held), "currency": asset},
            "default": True,
            "active": True,
            "created_at": _OPENED,
            "updated_at": moment(now_ns),
            "deleted_at": None,
            "type": "ACCOUNT_TYPE_FIAT" if asset in FIAT else "ACCOUNT_TYPE_CRYPTO",
            "ready": True,
            "hold": {"value": plain(held), "currency": asset},
            "retail_portfolio_id": self._face.portfolio_id(account),
            "platform": "ACCOUNT_PLATFORM_CONSUMER",
        }

    def _portfolio(self, account: str) -> Row:
        return {
            "name": "Default",
            "uuid": self._face.portfolio_id(account),
            "type": _KIND,
            "deleted": False,
        }

    def _worth(self, asset: str, total: Decimal) -> Decimal:
        if asset in FIAT:
            return total
        symbol = self._face.products.find(f"{asset}-USD")
        price = None if symbol is None else self._host.venue.last_price(symbol)
        return ZERO if price is None else total * price


def _money(value: Decimal) -> Row:
    return {"value": plain(value), "currency": "USD"}
