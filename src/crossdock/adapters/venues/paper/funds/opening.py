"""What an account begins with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from crossdock.errors import ConfigError
from crossdock.model import Asset
from crossdock.toolkit import AdapterContext

_AMOUNT = re.compile(r"(?P<amount>\d+(\.\d+)?) +(?P<asset>[A-Za-z0-9._-]+)")


def opening_balances(context: AdapterContext) -> Mapping[Asset, Decimal]:
    """Read the setting `balances`, amounts and assets like 10000 USDT, 1 BTC."""
    found: dict[Asset, Decimal] = {}
    for part in context.setting("balances").split(","):
        match = _AMOUNT.fullmatch(part.strip())
        asset = Asset(match["asset"]) if match else Asset("")
        if match is None or asset in found:
            raise ConfigError(
                f"account {context.account}: balances has {part.strip()!r}",
                hint="expected each asset once, like 10000 USDT, 1 BTC",
            )
        found[asset] = Decimal(match["amount"])
    return found
