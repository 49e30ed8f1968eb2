"""What can be set. Field descriptions are the help, the settings file and the reference."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from crossdock.core.execution.sizing import parse_sizing, sizing_table
from crossdock.ports import Durability
from crossdock.toolkit.secrets import Secret

MAIN = "main"  # the desk that has no other name, and the portfolio that is always there
RECORDING = "recording:"  # a market that is played from a file


class Mode(StrEnum):
    PAPER = "paper"
    LIVE = "live"


class OnExit(StrEnum):
    KEEP = "keep"
    CANCEL = "cancel"
    FLATTEN = "flatten"


class Foreign(StrEnum):
    OBSERVE = "observe"
    ADOPT = "adopt"
    HALT = "halt"


class Use(StrEnum):
    TRADE = "trade"
    DATA = "data"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    AUTO = "auto"
    HUMAN = "human"
    JSON = "json"


def exact(value: object) -> object:
    """Turn text and whole numbers into Decimal; leave the rest for the type to refuse."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        try:
            value = Decimal(value)
        except InvalidOperation:
            raise ValueError('expected a plain number, like "1234.5"') from None
    return value


# Strict refuses what TOML cannot hold otherwise: enumerations, paths and tuples.
Money = Annotated[Decimal, BeforeValidator(exact)]
Names = Annotated[tuple[str, ...], Field(strict=False)]
FilePath = Annotated[Path, Field(strict=False)]


def sized(value: object) -> object:
    """Check how signals are sized. Text, as in "volatility target=0.2", becomes a table."""
    if not isinstance(value, str | Mapping):
        raise ValueError('expected a table, like { method = "volatility" }')  # noqa: TRY004
    sizing = parse_sizing(value)
    return value if isinstance(value, Mapping) else sizing_table(sizing)


SizingTable = Annotated[Mapping[str, Any], BeforeValidator(sized)]


class Section(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, arbitrary_types_allowed=True
    )


class DeskSettings(Section):
    name: str = Field(
        "main",
        pattern=r"^[a-z0-9][a-z0-9-]{0,30}$",
        description="Name of this desk: small letters, digits and dashes.",
    )
    mode: Annotated[Mode, Field(strict=False)] = Field(
        Mode.PAPER,
        description="paper or live. Only live reaches venues where real money moves.",
    )
    currency: str = Field(
        "USDT", min_length=1, description="Currency in which profit and limits are told."
    )
    journal: FilePath = Field(
        description="Folder of the journal; a relative path starts at this file."
    )
    durability: Annotated[Durability, Field(strict=False)] = Field(
        description="What a written record survives: power (a power cut; the default of "
        "live) or process (a killed process; the default of paper)."
    )
    on_exit: Annotated[OnExit, Field(strict=False)] = Field(
        OnExit.KEEP,
        description="What a stop does with what is open: keep it at the venue, cancel "
        "our orders, or flatten our positions too.",
    )
    foreign: Annotated[Foreign, Field(strict=False)] = Field(
        Foreign.OBSERVE,
        description="Orders and positions that are not ours: observe (show, never "
        "touch), adopt (take over) or halt (start no trading).",
    )
    control: FilePath = Field(
        description="Socket by which the command line reaches a running desk."
    )
    control_listen: str = Field(
        "",
        pattern=r"^(\[[0-9a-fA-F:]+\]:\d{1,5}|[^\s:\[\]]+:\d{1,5})?$",
        description="HOST:PORT at which a dashboard elsewhere reaches the desk; empty: by "
        "its socket alone. Beyond this machine it takes a certificate.",
    )
    control_secret: Secret = Field(
        default=Secret(""),
        description="What both ends of control_listen prove to know: 16 characters or more.",
    )
    control_certificate: FilePath | None = Field(
        None, description="Certificate that control_listen shows, in PEM."
    )
    control_key: FilePath | None = Field(
        None, description="The certificate's private key, in PEM."
    )
    audit_s: int = Field(
        5,
        ge=1,
        le=3600,
        description="Least seconds between two audits: histories, open orders and holdings "
        "are asked of every venue and compared with the books. Where a venue's limits allow "
        "fewer, they are as far apart as that takes.",
    )
    log_level: Annotated[LogLevel, Field(strict=False)] = Field(
        LogLevel.INFO, description="debug, info, warning or error."
    )
    risk_checks: bool = Field(
        True,
        description="false lifts every limit of [risk] but paper_only. Refused when mode is "
        "live: paper money alone is traded unchecked.",
    )
    log_format: Annotated[LogFormat, Field(strict=False)] = Field(
        LogFormat.AUTO, description="auto (human on a terminal, else json), human, json."
    )
    log_folder: FilePath = Field(description="Folder of the log files.")
    log_megabytes: int = Field(
        20, ge=1, description="A log file is turned over at this size."
    )
    log_files: int = Field(
        5, ge=2, le=1000, description="Log files kept, the newest included."
    )


class AccountSettings(Section):
    """One account at one venue. `options` are the adapter's own, defaults filled in."""

    adapter: str = Field(
        description="Which adapter: see `crossdock adapters`; the venue's name where one is "
        "called so."
    )
    venue: str = Field(
        pattern=r"^[^@\s]+$", description="Name of the venue, as in BTC/USDT@venue."
    )
    enabled: bool = Field(True, description="false leaves the account out.")
    use: Annotated[Use, Field(strict=False)] = Field(
        Use.TRADE,
        description="trade, or data: market data only, which most venues give without "
        "keys. A data account takes no order and reads no balance.",
    )
    foreign: Annotated[Foreign, Field(strict=False)] = Field(
        description="As in [desk], for this account."
    )
    instruments: Names = Field(
        (), description="Symbols to trade, as in BTC/USDT; none means all."
    )
    market: str = Field(
        "",
        description="Whose market data a paper account trades against: the name of another "
        "account (which may be switched off), or recording:PATH.",
    )
    accept_unproven: bool = Field(
        False,
        description="true trades real money through an adapter whose tier is below "
        "sandboxed.",
    )
    allow_withdrawal_keys: bool = Field(
        False,
        description="true trades real money with a key that can also withdraw it. The "
        "start of such an account is journaled as an alarm.",
    )
    options: Mapping[str, str | Secret] = Field(default_factory=dict)


class StrategySettings(Section):
    kind: str = Field(description='Name of a worked example, or "package.module:Class".')
    enabled: bool = Field(True, description="false leaves the strategy out.")
    portfolio: str = Field("main", description="Portfolio whose money it trades.")
    accounts: Names = Field((), description="Accounts it may use; none means all.")
    symbols: Names = Field(
        (), description="Symbols it trades; none means all, which a live desk refuses."
    )
    params: Mapping[str, Any] = Field(
        default_factory=dict, description="The strategy's own parameters."
    )
    sizing: SizingTable = Field(
        default_factory=dict,
        description="How its signals become quantities; without it, 5 % of capital each.",
    )


class PortfolioSettings(Section):
    capital: Money = Field(
        Decimal(0), ge=0, description="Money set aside for it; 0 means no bound."
    )
    currency: str = Field(min_length=1, description="Currency of its capital.")
