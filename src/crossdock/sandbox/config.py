"""What a sandbox hosts: read from a JSON or TOML file, or the default three venues."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import msgspec

from crossdock.model import ContractKind
from crossdock.sandbox.engine import MarketSpec, VenueSpec
from crossdock.sandbox.faces import FACES

Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_-]{1,32}\Z")]
PerSecond = Annotated[float, msgspec.Meta(ge=1)]
Positive = Annotated[float, msgspec.Meta(gt=0)]

ZERO = Decimal(0)


class ConfigInvalid(Exception):
    """A configuration cannot be used; one line names the source, the key and what fits."""


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class MarketConfig(_Section, frozen=True, kw_only=True):
    """One market. Its kind follows from the symbol, as ccxt writes it.

    `BTC/USDT` is spot, `BTC/USDT:USDT` linear, `BTC/USD:BTC` inverse and
    `BTC/USDT:USDT-300726-9000-C` an option. `ticks` holds (floor, tick) pairs.
    """

    symbol: str
    ticks: Annotated[tuple[tuple[Decimal, Decimal], ...], msgspec.Meta(min_length=1)]
    quantity_step: Decimal
    key: str = ""
    min_quantity: Decimal = ZERO
    max_quantity: Decimal | None = None
    min_notional: Decimal = ZERO
    multiplier: Decimal = Decimal(1)
    maker_fee: Decimal = ZERO
    taker_fee: Decimal = ZERO

    def spec(self) -> MarketSpec:
        """Return the engine's specification. Raises ValueError."""
        pair, _, contract = self.symbol.partition(":")
        base, _, quote = pair.partition("/")
        settle, _, option = contract.partition("-")
        if not base or not quote:
            raise ValueError(f"{self.symbol}: a symbol is BASE/QUOTE or BASE/QUOTE:SETTLE")
        kind = ContractKind.SPOT
        if option:
            kind = ContractKind.OPTION
        elif settle:
            kind = ContractKind.INVERSE if settle == base else ContractKind.LINEAR
        return MarketSpec(
            symbol=self.symbol,
            key=self.key or self.symbol.replace("/", "-").replace(":", "-"),
            kind=kind,
            base=base,
            quote=quote,
            settle=settle or quote,
            ticks=tuple(sorted(self.ticks)),
            quantity_step=self.quantity_step,
            min_quantity=self.min_quantity,
            max_quantity=self.max_quantity,
            min_notional=self.min_notional,
            multiplier=self.multiplier,
            maker_fee=self.maker_fee,
            taker_fee=self.taker_fee,
        )


class AccountConfig(_Section, frozen=True, kw_only=True):
    """An account and its key. Where a face takes signatures by a private key, `secret` is
    the public one in PEM. `passphrase` is for protocols that want one.
    """

    name: Name
    key: Annotated[str, msgspec.Meta(min_length=1)]
    secret: Annotated[str, msgspec.Meta(min_length=1)]
    balances: dict[str, Decimal] = {}
    passphrase: str = ""
    may_withdraw: bool = False
    may_trade: bool = True

    def __repr__(self) -> str:
        return f"AccountConfig(name={self.name!r}, key={self.key!r})"


class ParticipantsMarket(
    _Section, frozen=True, kw_only=True, tag_field="kind", tag="participants"
):
    """Made-up traders around a wandering price that every venue shares.

    `prices` says where a symbol begins; a venue may stand off the shared price by
    `offset_bps` and follow it `lag_s` later.
    """

    prices: dict[str, Decimal] = {}
    offset_bps: float = 0.0
    lag_s: Annotated[float, msgspec.Meta(ge=0)] = 0.0


class EmptyMarket(_Section, frozen=True, kw_only=True, tag_field="kind", tag="empty"):
    """Nobody trades but the accounts themselves."""


class RecordedMarket(_Section, frozen=True, kw_only=True, tag_field="kind", tag="recorded"):
    """A recorded stream, `speed` times as fast as it was, over and over with `loop`.

    It makes the market of its own symbol; participants make the others.
    """

    path: str
    speed: Positive = 1.0
    loop: bool = True


class VenueConfig(_Section, frozen=True, kw_only=True):
    """One venue. `face` is the protocol it speaks; `limits` are that face's own, by the
    names of its `usual_limits`. The three `_per_s` are the native face's.
    """

    name: Name
    markets: Annotated[tuple[MarketConfig, ...], msgspec.Meta(min_length=1)]
    accounts: tuple[AccountConfig, ...] = ()
    port: Port = 0
    face: str = "native"
    limits: dict[str, int] = {}
    market: ParticipantsMarket | RecordedMarket | EmptyMarket = ParticipantsMarket()
    orders_per_s: PerSecond = 50
    reads_per_s: PerSecond = 50
    public_per_s: PerSecond = 500
    session_s: Positive = 3600
    hedge_mode: bool = False

    def spec(self) -> VenueSpec:
        """Return the engine's specification. Raises ValueError."""
        markets = tuple(market.spec() for market in self.markets)
        return VenueSpec(name=self.name, markets=markets, hedge_mode=self.hedge_mode)


class SandboxConfig(_Section, frozen=True, kw_only=True):
    venues: tuple[VenueConfig, ...]
    admin_port: Port = 0
    seed: int = 1


def load(path: Path) -> SandboxConfig:
    """Read a configuration file, TOML by its suffix, else JSON. Raises ConfigInvalid."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigInvalid(f"{path}: a readable file was expected: {problem}") from None
    try:
        if path.suffix == ".toml":
            fields = tomllib.loads(text, parse_float=Decimal)
            config = msgspec.convert(fields, SandboxConfig)
        else:
            config = msgspec.json.decode(text, type=SandboxConfig)
    except (msgspec.DecodeError, tomllib.TOMLDecodeError) as problem:
        raise ConfigInvalid(f"{path}: {_one_line(problem)}") from None
    return checked(config, str(path))


def parse(fields: object, source: str = "configuration") -> SandboxConfig:
    """Read a configuration from plain values. Raises ConfigInvalid."""
    try:
        config = msgspec.convert(fields, SandboxConfig)
    except msgspec.ValidationError as problem:
        raise ConfigInvalid(f"{source}: {_one_line(problem)}") from None
    return checked(config, source)


def checked(config: SandboxConfig, source: str) -> SandboxConfig:
    """Return the configuration if its parts fit together, else raise ConfigInvalid."""
    _unique(source, "venues", "name", [venue.name for venue in config.venues])
    for index, venue in enumerate(config.venues):
        where = f"venues[{index}]"
        if venue.face not in FACES:
            raise ConfigInvalid(
                f"{source}: {where}.face: one of {', '.join(FACES)} was expected, "
                f"not {venue.face!r}"
            )
        _unique(source, f"{where}.accounts", "name", [a.name for a in venue.accounts])
        _unique(source, f"{where}.accounts", "key", [a.key for a in venue.accounts])
        try:
            venue.spec()
        except ValueError as problem:
            raise ConfigInvalid(f"{source}: {where}.markets: {problem}") from None
    return config


def _unique(source: str, where: str, field: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ConfigInvalid(
                f"{source}: {where}: each {field} once was expected, {name!r} stands twice"
            )


def _one_line(problem: Exception) -> str:
    return " ".join(str(problem).split())


class _Preset(msgspec.Struct, frozen=True, kw_only=True):
    """What tells a default venue from the others. Ticks and lots are by symbol."""

    name: str
    ticks: tuple[str, str, str]
    lots: tuple[str, str, str]
    maker_fee: str
    taker_fee: str
    offset_bps: float
    lag_s: float


_SYMBOLS = ("BTC/USDT", "ETH/USDT", "BTC/USDT:USDT")
_PRESETS = (
    _Preset(
        name="alpha",
        ticks=("0.01", "0.01", "0.1"),
        lots=("0.00001", "0.0001", "0.001"),
        maker_fee="0.0002",
        taker_fee="0.0005",
        offset_bps=0.0,
        lag_s=0.0,
    ),
    _Preset(
        name="beta",
        ticks=("0.1", "0.05", "0.5"),
        lots=("0.0001", "0.001", "0.001"),
        maker_fee="0",
        taker_fee="0.0008",
        offset_bps=1.5,
        lag_s=0.2,
    ),
    _Preset(
        name="gamma",
        ticks=("0.5", "0.1", "1"),
        lots=("0.001", "0.01", "0.01"),
        maker_fee="-0.0001",
        taker_fee="0.001",
        offset_bps=-1.5,
        lag_s=0.4,
    ),
)


def default_config() -> dict[str, Any]:
    """Return what runs without a configuration file, as plain values to write to one."""
    return {"admin_port": 0, "seed": 1, "venues": [_venue(it) for it in _PRESETS]}


def _venue(preset: _Preset) -> dict[str, Any]:
    return {
        "name": preset.name,
        "port": 0,
        "markets": [
            {
                "symbol": symbol,
                "ticks": [["0", tick]],
                "quantity_step": lot,
                "min_quantity": lot,
                "max_quantity": "1000",
                "min_notional": "5",
                "maker_fee": preset.maker_fee,
                "taker_fee": preset.taker_fee,
            }
            for symbol, tick, lot in zip(_SYMBOLS, preset.ticks, preset.lots, strict=True)
        ],
        "accounts": [
            {
                "name": "main",
                "key": f"sandbox-{preset.name}",
                "secret": f"sandbox-{preset.name}-secret",
                "balances": {"USDT": "100000", "BTC": "2", "ETH": "20"},
            }
        ],
        "market": {
            "kind": "participants",
            "offset_bps": preset.offset_bps,
            "lag_s": preset.lag_s,
        },
    }
