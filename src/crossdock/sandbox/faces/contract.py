"""What a face is: one protocol at a venue's door.

A face is a class that takes a `Host` and a `Dealing`. It lists `routes` (HTTP) and
`sockets` (WebSocket), says who calls and whether they may (`enter`), and words replies,
refusals and news. Everything between, faults included, is the same for every face: see
`crossdock.sandbox.faces.calls` for HTTP, `connection` for WebSocket, `stream.feed` for news.

Its folder holds besides: `venue.toml`, the venue that `crossdock sandbox --face NAME` hosts;
`semantics.toml`, what the protocol does and who says so; `guide.txt`, how to point clients
at it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

from aiohttp import web

from crossdock.model import OrderStatus
from crossdock.sandbox.config import ConfigInvalid
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.dealing import Dealing
from crossdock.sandbox.faces.keys import Holder, Window
from crossdock.sandbox.faces.passage import Passage
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import FaultKind, Operation
from crossdock.sandbox.host import Host
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.news import AccountNews, MarketNews
from crossdock.sandbox.stream.wire import Wire

Act: TypeAlias = Callable[[int], Any]
"""The work of a call, given the venue's time. Returns what the face's `reply` words.

Raises Refusal or the engine's Refused, with nothing done.
"""


@dataclass(slots=True)
class Call:
    """One HTTP call on its way. `enter` fills in who calls and until when it is good."""

    request: web.Request
    body: bytes
    route: Route
    holder: Holder | None = None
    window: Window | None = None

    @property
    def account(self) -> str:
        """The caller's account, or none where nobody has to say who calls."""
        return "" if self.holder is None else self.holder.account


@dataclass(frozen=True, slots=True)
class Route:
    """A method and path. `prepare` reads the call and returns its work, not done yet.

    What `prepare` refuses never was held back by a fault; what the work refuses may have
    been. `is_signed` says that a key is needed.
    """

    method: str
    path: str
    prepare: Callable[[Call], Act]
    operation: Operation = Operation.READ
    is_signed: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP reply, encoded."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


class Socket(ABC):
    """One WebSocket as the site sees it. `connection.Connection` is what faces build on."""

    wire: Wire

    @property
    @abstractmethod
    def is_signed_in(self) -> bool: ...

    @abstractmethod
    def handle(self, text: str) -> None:
        """Do what a frame asks. Answers are written as it is read."""

    def handle_binary(self, data: bytes) -> None:
        """Do what a binary frame asks; where the protocol has none it means nothing."""
        return

    @abstractmethod
    def opened(self) -> None:
        """Write what the protocol says first."""

    @abstractmethod
    def check_session(self) -> None:
        """End the session if its time is over."""

    @abstractmethod
    def expire_session(self, account: str | None) -> bool:
        """End the session if there is one, of this account; tell whether there was."""

    @abstractmethod
    def beat(self, now_ns: int) -> None:
        """Write the heartbeat, if one is due. Called once a second."""

    @abstractmethod
    def close(self) -> None:
        """Forget the connection."""


@dataclass(frozen=True, slots=True)
class SocketRoute:
    """A WebSocket's path, as aiohttp writes paths, and what serves a connection to it."""

    path: str
    open: Callable[[web.Request, Wire], Socket]


class Face(ABC):
    """One protocol at one venue. A reset of the venue makes a new one."""

    absent: frozenset[FaultKind] = frozenset()
    """Faults the protocol has no words for: they cannot be armed."""

    book_paces_ms: tuple[int, ...] = (0,)
    """How often book changes are told: 0 at once, else gathered for so long."""

    tells_balances = False
    """Whether `account_messages` is to be given BalancesChanged."""

    venue_rules: Mapping[str, Any] = MappingProxyType({})
    """Fields of the engine's VenueSpec that the protocol's venue has otherwise."""

    usual_limits: Mapping[str, int] = MappingProxyType({})
    """What the protocol allows, by names of its own; a venue's `limits` may differ."""

    def __init__(self, host: Host, dealing: Dealing) -> None:
        """Raises ConfigInvalid for a limit the protocol does not have."""
        self.host = host
        self.dealing = dealing
        self.passage = Passage(host)
        self.limits = {**self.usual_limits, **host.config.limits}
        for name in self.limits:
            if name not in self.usual_limits:
                raise ConfigInvalid(
                    f"venue {host.name}: limits: one of "
                    f"{', '.join(self.usual_limits) or 'none'} was expected, not {name!r}"
                )

    @abstractmethod
    def routes(self) -> Sequence[Route]: ...

    @abstractmethod
    def sockets(self) -> Sequence[SocketRoute]: ...

    def operation(self, call: Call) -> Operation:
        """Return what a call does: what its route says, or else what its body does."""
        return call.route.operation

    @abstractmethod
    def claimed_key(self, call: Call) -> str:
        """Return the key a call names, not verified, or nothing."""

    @abstractmethod
    def enter(self, call: Call) -> None:
        """Check limits, key, signature and time, in the protocol's order. Raises Refusal."""

    @abstractmethod
    def reply(self, call: Call, result: Any) -> Reply:
        """Word what a call's work returned."""

    @abstractmethod
    def refusal(self, call: Call | None, refusal: Refusal) -> Reply:
        """Word a refusal; `call` is None where no path was found."""

    @abstractmethod
    def account_messages(
        self, account: str, news: AccountNews
    ) -> Iterable[tuple[str, bytes]]:
        """Return (channel, body) pairs for those who hear the account."""

    @abstractmethod
    def market_messages(self, news: MarketNews) -> Iterable[tuple[Topic, bytes]]:
        """Return (topic, body) pairs; none need be made for a topic nobody hears."""

    def tick(self, now_ns: int) -> None:
        """Do what the protocol does by itself as time passes."""
        return

    # How the truth names things, so that it can be compared with what clients saw.

    def order_ids(self, order: VenueOrder) -> Sequence[str]:
        """Return every id the order had as clients saw them, oldest first."""
        return order.chain

    def fill_order_id(self, account: str, fill: VenueFill) -> str:
        return fill.order_id

    def execution_id(self, fill_id: str) -> str:
        return fill_id

    def client_id(self, account: str, engine_id: str) -> str:
        return engine_id

    def status(self, order: VenueOrder) -> OrderStatus:
        """Return an order's status as the protocol tells it."""
        return order.status
