"""An account's ccxt objects, made and closed together, and the calls made through them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeVar

from crossdock.adapters.venues.ccxt.exchanges.contract import Quirks
from crossdock.adapters.venues.ccxt.refusals import Refusals, at_path
from crossdock.adapters.venues.ccxt.wire.calls import NOTHING, Call, under_way
from crossdock.adapters.venues.ccxt.wire.driver import load_ccxt, make_driver
from crossdock.adapters.venues.ccxt.wire.listing import is_empty
from crossdock.adapters.venues.ccxt.wire.sockets import Activity, Sockets
from crossdock.adapters.venues.ccxt.wire.transport import READ_TIMEOUT_S, Wire
from crossdock.errors import (
    AdapterError,
    AuthFailed,
    BadPayload,
    ConfigError,
    Unreachable,
)
from crossdock.toolkit import (
    AdapterContext,
    CancelledInDoubt,
    CancelledUnsent,
    Purpose,
    Secret,
    purpose_of,
)

T = TypeVar("T")

_EXCHANGES = "crossdock.adapters.venues.ccxt.exchanges"
_PING_MS = 4_000  # two pongs missed end a socket: a dead one is known within ten seconds
_MARKETS_TIMEOUT_S = 30.0  # some exchanges list their markets by a dozen requests


def quirks_of(exchange: str) -> Quirks:
    """Load what one exchange does otherwise, or what holds for those nobody studied."""
    name = f"{_EXCHANGES}.{exchange}"
    if find_spec(name) is None:
        name = f"{_EXCHANGES}.unstudied"
    quirks: Quirks = import_module(name).QUIRKS
    return quirks


class Session:
    """ccxt for one account: `driver` for orders and reads, and one more for each stream."""

    def __init__(
        self, context: AdapterContext, quirks: Quirks | None = None, stand_in: str = ""
    ) -> None:
        self.context = context
        self.clock = context.clock
        known = quirks or quirks_of(context.manifest.id)
        self.quirks = known.for_account(context.settings)
        self.wire = Wire(context, self.quirks, stand_in)
        self.refusals = Refusals(context, self.quirks, self.wire)
        self._driver: Any = None
        self._markets: asyncio.Lock = asyncio.Lock()

    async def open(self) -> None:
        """Load ccxt, which takes a second, beside the loop; make what most calls use."""
        await asyncio.to_thread(load_ccxt, self._ccxt_id)
        self._driver = self._made(self._activity("account"), {"number": str})

    @property
    def _ccxt_id(self) -> str:
        return self.quirks.ccxt_id or self.context.manifest.id

    @property
    def driver(self) -> Any:
        if self._driver is None:
            raise RuntimeError(
                "the adapter is not open: use it as an async context manager"
            )
        return self._driver

    async def close(self) -> None:
        """End ccxt's own work; the connections of requests belong to the desk."""
        if self._driver is not None:
            await self._driver.close()
            self._driver = None

    @asynccontextmanager
    async def streaming(
        self, name: str, *, exact: bool
    ) -> AsyncIterator[tuple[Any, Activity]]:
        """Lend a driver with sockets of its own, closed at the end: streams may overlap.

        Books of ccxt do arithmetic on what they are given, so those are not `exact`:
        floats; everything else is read as text.
        """
        await self.markets()
        activity = self._activity(name)
        driver = self._made(activity, {"number": str} if exact else {})
        driver.set_markets_from_exchange(self.driver)
        driver.open()  # some exchanges spawn what they need before their first request
        try:
            yield driver, activity
        finally:
            await driver.close()

    async def markets(self, *, anew: bool = False) -> Mapping[str, Any]:
        """Return every market, numbers as text, listed once for all calls."""
        async with self._markets:
            if anew or not self.driver.markets:
                what = "list of markets"
                await self.read(
                    what,
                    lambda: self.driver.load_markets(True),
                    timeout_s=_MARKETS_TIMEOUT_S,
                )
                if not self.driver.markets:
                    raise BadPayload(f"{what}: the exchange lists none")
        listed: Mapping[str, Any] = self.driver.markets
        return listed

    async def read(
        self,
        what: str,
        ask: Callable[[], Awaitable[T]],
        *,
        timeout_s: float = READ_TIMEOUT_S,
        absent: Callable[[Exception, Call], bool] | None = None,
    ) -> T | None:
        """Ask, and return ccxt's answer; None where `absent` says that is what was told."""
        return await self._read(self._reading(what, timeout_s), ask, absent)

    async def listed(
        self,
        what: str,
        ask: Callable[[], Awaitable[T]],
        *,
        wished: Mapping[str, Any] = NOTHING,
    ) -> tuple[T, Any]:
        """Ask for a list; return ccxt's answer, and the reply that it was read from.

        An empty answer to a reply without the list it should hold is BadPayload. `wished`
        are parameters in unified words: what ccxt does not translate of them stays here.
        """
        call = self._reading(what, READ_TIMEOUT_S)
        call.wished = wished
        call.lists = True
        answer = await self._read(call, ask, None)
        if is_empty(answer) and call.found_no_list:
            raise BadPayload(f"{call.what}: the reply holds no such list")
        return answer, call.parsed  # type: ignore[return-value] # nothing is `absent`

    def _reading(self, what: str, timeout_s: float) -> Call:
        deadline_ns = self.clock.monotonic_ns() + round(timeout_s * 1e9)
        return Call(self._named(what), deadline_ns, purpose=purpose_of(Purpose.READING))

    async def _read(
        self,
        call: Call,
        ask: Callable[[], Awaitable[T]],
        absent: Callable[[Exception, Call], bool] | None,
    ) -> T | None:
        failed: AdapterError | None = None
        try:
            with under_way(call):
                return await ask()
        except AdapterError:
            raise
        except Exception as error:  # noqa: BLE001 - ccxt raises whatever a reply led it to
            if absent is not None and absent(error, call):
                return None
            failed = self.refusals.of_read(error, call)
        # Outside of `except`: ccxt's error quotes URL and body.
        raise _bare(failed)

    async def write(
        self,
        what: str,
        ask: Callable[[], Awaitable[T]],
        *,
        deadline_ns: int,
        wished: Mapping[str, Any] = NOTHING,
        demanded: Mapping[str, Any] = NOTHING,
    ) -> T:
        """Ask for a change, once. Raises as `crossdock.ports.venue` says of writes.

        What ccxt does not translate of `wished` stays here; of `demanded` it is NotSent.
        """
        purpose = purpose_of(Purpose.ORDER)
        call = Call(self._named(what), deadline_ns, is_write=True, purpose=purpose)
        call.wished, call.demanded = wished, demanded
        failed: BaseException
        try:
            with under_way(call):
                return await ask()
        except Exception as error:  # noqa: BLE001 - whatever it was, the write may be out
            failed = self.refusals.of_write(error, call)
        except asyncio.CancelledError:
            kind = CancelledInDoubt if call.departed else CancelledUnsent
            failed = kind(f"{call.what}: cancelled")
        raise _bare(failed)

    def stream_failure(self, error: Exception, what: str) -> AdapterError:
        """Return what a stream of ccxt's ended by; its caller begins it anew."""
        names = {kind.__name__ for kind in type(error).__mro__}
        words = f"{self._named(what)} stream: {type(error).__name__}"
        if "AuthenticationError" in names:
            return AuthFailed(words, hint="check the keys, their rights and addresses")
        return Unreachable(words)

    def fits(self, url: str, parsed: Any, text: str) -> bool:
        """Tell whether a reply has the shape that its endpoint's replies have."""
        path = url.partition("?")[0]
        for end, shape in self.quirks.shapes.items():
            if path.endswith(end):
                if shape == "[]":
                    return isinstance(parsed, list)
                return isinstance(parsed, dict) and at_path(parsed, shape) is not None
        if parsed is None:
            return text.startswith('"')  # some reply with a lone text, such as an id
        envelope = self.quirks.envelope
        return not envelope or not isinstance(parsed, dict) or envelope in parsed

    def _activity(self, name: str) -> Activity:
        context = self.context
        health = context.health.stream(f"{context.account} {name}")
        return Activity(health, context.recorder, greets=self.quirks.greets)

    def _made(self, activity: Activity, config: Mapping[str, Any]) -> Any:
        context, quirks = self.context, self.quirks
        driver = make_driver(
            self._ccxt_id,
            {
                **self._keys(),
                **config,
                "session": Sockets(context.http, self.wire.moved),
                "enableRateLimit": False,
                "timeout": round(READ_TIMEOUT_S * 1000),
                "timeout_on_exit": 0,
                "aiohttp_trust_env": False,
                "streaming": {"keepAlive": _PING_MS, "maxPingPongMisses": 2},
                "options": {
                    "maxRetriesOnFailure": 0,
                    "warnOnFetchOpenOrdersWithoutSymbol": False,
                    **quirks.options,
                },
            },
            wire=self.wire,
            clock=context.clock,
            activity=activity,
            fits=self.fits,
        )
        quirks.tune(driver)
        match context.settings.get("environment", "live"):
            case "test":
                driver.set_sandbox_mode(True)
            case "demo":
                driver.enable_demo_trading(True)
            case _:
                pass
        return driver

    def _keys(self) -> dict[str, str]:
        found = {}
        for theirs, ours in self.quirks.keys.items():
            value = self.context.settings.get(ours, "")
            text = value.reveal() if isinstance(value, Secret) else value
            if text:
                found[theirs] = text
        return found

    def _named(self, what: str) -> str:
        return f"{self.context.manifest.id} {what}"

    def __repr__(self) -> str:
        return f"<ccxt {self.context.manifest.id} for {self.context.account}>"


def _bare(error: BaseException) -> BaseException:
    """Drop what the error hangs on: ccxt's texts quote URLs and bodies."""
    error.__context__ = error.__cause__ = None
    return error


def stand_in_of(context: AdapterContext) -> str:
    """Return the address that the setting `url` puts in place of the exchange's own."""
    url = context.setting("url") if "url" in context.settings else ""
    if url and context.settings.get("environment", "live") != "live":
        raise ConfigError("url and environment are both set: keep one of them")
    return url
