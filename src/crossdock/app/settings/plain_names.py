"""Environment variables without our prefix, and the settings they stand for."""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.app.settings.origins import KeyPath

PLAIN_NAMES: Mapping[str, KeyPath] = {
    "DASHBOARD_HOST": ("dashboard", "host"),
    "DASHBOARD_PORT": ("dashboard", "port"),
    "DASHBOARD_DEBUG": ("dashboard", "debug"),
    "DASHBOARD_SECRET_KEY": ("dashboard", "secret_key"),
    "TRADING_PLATFORM_URL": ("dashboard", "platform_url"),
    "ENVIRONMENT": ("dashboard", "environment"),
    "INSTANCE_ID": ("dashboard", "instance_id"),
    "LOG_LEVEL": ("desk", "log_level"),
    "RISK_CHECK_ENABLED": ("desk", "risk_checks"),
    "ENABLE_PAPER_TRADING": ("risk", "paper_only"),
    "MAX_ORDER_SIZE": ("risk", "order_notional_max"),
    "FEATURE_TRADING": ("flags", "trading"),
    "FEATURE_RISK_OVERRIDE": ("flags", "risk_override"),
    "FEATURE_STRATEGY_CONTROL": ("flags", "strategy_control"),
    "FEATURE_HISTORY": ("flags", "history"),
    "FEATURE_NOTIFICATIONS": ("flags", "notifications"),
}

_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off"})
_SWITCHES = frozenset({"DASHBOARD_DEBUG", "RISK_CHECK_ENABLED", "ENABLE_PAPER_TRADING"})


def plain_value(variable: str, text: str) -> str:
    """Return a value as the setting writes it: others write 1, True or WARN."""
    word = text.strip().lower()
    if variable in _SWITCHES or variable.startswith("FEATURE_"):
        return "true" if word in _YES else "false" if word in _NO else text
    if variable == "LOG_LEVEL":
        return {"warn": "warning", "critical": "error", "fatal": "error"}.get(word, word)
    return text.strip()
