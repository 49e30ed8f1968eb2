"""Settings: one TOML file, overridden by environment and flags, each value with its origin."""

from crossdock.app.settings.dashboard import DashboardSettings, FlagSettings
from crossdock.app.settings.explained import default_settings_text
from crossdock.app.settings.load import Settings, ShownSetting, load_settings
from crossdock.app.settings.models import (
    AccountSettings,
    DeskSettings,
    Foreign,
    LogFormat,
    LogLevel,
    Mode,
    OnExit,
    PortfolioSettings,
    StrategySettings,
    Use,
)
from crossdock.app.settings.notify import NotifySettings
from crossdock.app.settings.origins import Origin
from crossdock.app.settings.template import sandbox_settings

__all__ = [
    "AccountSettings",
    "DashboardSettings",
    "DeskSettings",
    "FlagSettings",
    "Foreign",
    "LogFormat",
    "LogLevel",
    "Mode",
    "NotifySettings",
    "OnExit",
    "Origin",
    "PortfolioSettings",
    "Settings",
    "ShownSetting",
    "StrategySettings",
    "Use",
    "default_settings_text",
    "load_settings",
    "sandbox_settings",
]
