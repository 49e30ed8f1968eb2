"""Crossdock: strategies to every venue through one interface, never losing an order.

    import crossdock

    async with crossdock.open_desk("settings.toml") as desk:
        order = await desk.buy("BTC/USDT", "0.05", limit="60000")

    run = crossdock.backtest("sma_cross", "BTC_USDT-1m.csv", fast=10, slow=30)

What is public is here, in `crossdock.model`, `crossdock.errors` and, for those who write
adapters and strategies, in `crossdock.ports`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from crossdock.app.open import open_desk
    from crossdock.app.replay import backtest

__all__ = ["__version__", "backtest", "open_desk"]


def __getattr__(name: str) -> Any:
    """Import the desk only when somebody uses it: `import crossdock` stays quick."""
    if name == "open_desk":
        from crossdock.app.open import open_desk

        return open_desk
    if name == "backtest":
        from crossdock.app.replay import backtest

        return backtest
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
