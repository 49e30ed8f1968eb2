"""What an adapter is handed, and how its settings are read."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from crossdock.errors import ConfigError
from crossdock.model import AccountId
from crossdock.ports import AdapterState, Clock, Ids, Manifest, MarketSource, is_secret_name
from crossdock.toolkit.health import HealthRegistry
from crossdock.toolkit.pool import HttpPool
from crossdock.toolkit.ratelimit import RateBudgets, RateLimiter
from crossdock.toolkit.recorder import Recorder
from crossdock.toolkit.secrets import (
    Masker,
    Secret,
    find_secret,
    read_secret,
)
from crossdock.toolkit.usage import Usage

_FILE = "_file"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterContext:
    """One account at one venue, and everything its adapter may use."""

    account: AccountId
    venue: str  # the part behind the @ of its instruments
    manifest: Manifest = field(repr=False)
    settings: Mapping[str, str | Secret]  # complete: defaults are filled in
    clock: Clock = field(repr=False)
    ids: Ids = field(repr=False)
    http: HttpPool = field(repr=False)
    budgets: RateBudgets = field(repr=False)
    health: HealthRegistry = field(repr=False)
    state: AdapterState = field(repr=False)
    masker: Masker = field(repr=False)
    recorder: Recorder | None = field(default=None, repr=False)
    market: MarketSource | None = field(default=None, repr=False)
    """What it trades against, where its manifest says it needs a market."""
    country: str = ""  # where the user says they are, ISO 3166 alpha-2; "" unknown

    def __post_init__(self) -> None:
        if self.country and self.country in self.manifest.countries_refused:
            raise ConfigError(
                f"{self.manifest.name} does not serve {self.country}",
                hint=f"see {self.manifest.docs_url}",
            )

    def setting(self, name: str) -> str:
        """Return a setting that is no secret."""
        value = self.settings[name]
        if isinstance(value, Secret):
            raise TypeError(f"{name} is a secret: read it with `secret`")
        return value

    def secret(self, name: str) -> Secret:
        value = self.settings[name]
        if not isinstance(value, Secret):
            raise TypeError(f"{name} is not a secret: read it with `setting`")
        return value

    def limiter(self, host: str) -> RateLimiter:
        """Return the budget that all adapters of this account share at a host."""
        return self.budgets.of(self.account, host, self.manifest.rate_limits)

    def usage(self, host: str) -> Usage:
        """Return where calls to a host are counted that do not go through an HttpClient."""
        return self.budgets.usage.of(self.account, host)


class Factory(Protocol):
    """What a manifest's `factory` names: makes the adapter, opened and closed by `async with`."""

    def __call__(self, context: AdapterContext) -> AbstractAsyncContextManager[Any]: ...


def read_settings(
    manifest: Manifest,
    given: Mapping[str, str],
    *,
    account: AccountId,
    environ: Mapping[str, str],
    base_path: Path,
    masker: Masker,
) -> dict[str, str | Secret]:
    """Check what the user gave against what the adapter declares, or raise ConfigError.

    Defaults are filled in, secrets are read (see `read_secret`; their variables are named
    `CROSSDOCK_ACCOUNT_NAME`) and registered with the masker.
    """
    where = f"account {account}"
    known = set(manifest.settings)
    known |= {name + _FILE for name in known if is_secret_name(name)}
    for name in given:
        if name not in known:
            raise ConfigError(
                f"{where}: {manifest.name} has no setting {name}",
                hint=f"it has {', '.join(sorted(known)) or 'none'}",
            )
    settings: dict[str, str | Secret] = {}
    for name, declared in manifest.settings.items():
        if is_secret_name(name):
            sources = {key: given[key] for key in (name, name + _FILE) if key in given}
            try:
                read = read_secret if declared.default is None else find_secret
                secret = read(
                    name, sources, environ, base_path, prefix=f"CROSSDOCK_{account}"
                )
            except ConfigError as error:
                raise ConfigError(f"{where}: {error.message}", hint=error.hint) from None
            if secret is None:
                secret = Secret(declared.default or "")
            masker.add(secret)
            settings[name] = secret
            continue
        value = given.get(name, declared.default)
        if value is None:
            raise ConfigError(f"{where}: {name} is missing", hint=declared.help)
        if declared.choices and value not in declared.choices:
            raise ConfigError(
                f"{where}: {name} is {value!r}",
                hint=f"expected one of {', '.join(declared.choices)}",
            )
        settings[name] = value
    return settings
