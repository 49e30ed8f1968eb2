"""The life of one order: what is proven, what was tried, and what is in doubt.

Mutable, and changed only by `State.apply`. Deciding what to write happens elsewhere
(`core.execution`); here each method is the meaning of one record.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from crossdock.core.records import AttemptStarted, Outcome
from crossdock.model import (
    TERMINAL,
    ZERO,
    Asset,
    AttemptId,
    ClientOrderId,
    Contingency,
    Fill,
    FillKind,
    OrderId,
    OrderReport,
    OrderRequest,
    OrderStatus,
    OrderView,
    VenueOrderId,
    WriteKind,
)

TAKEN_BACK = (FillKind.CORRECTED, FillKind.BUSTED)


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One write that has no settled outcome: still awaited, or in doubt."""

    attempt_id: AttemptId
    kind: WriteKind
    started_at: int
    quantity: Decimal | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    in_doubt: bool = False
    escalated: bool = False


@dataclass(slots=True, kw_only=True)
class OrderState:
    """An order as the journal proves it.

    `cumulative_quantity` is the highest the venue ever reported or our fills add up to;
    `filled_quantity` is what recorded fills add up to, before any is taken back. The
    difference is owed to us by the venue's history.
    """

    order_id: OrderId
    client_order_id: ClientOrderId
    request: OrderRequest
    status: OrderStatus
    quantity: Decimal
    limit_price: Decimal | None
    stop_price: Decimal | None
    created_at: int
    updated_at: int
    foreign: bool = False
    reference_price: Decimal = ZERO
    cumulative_quantity: Decimal = ZERO
    filled_quantity: Decimal = ZERO
    filled_notional: Decimal = ZERO
    fill_count: int = 0  # of all that were ever recorded
    fees: dict[Asset, Decimal] = field(default_factory=dict)
    venue_order_ids: list[VenueOrderId] = field(default_factory=list)
    successors: dict[VenueOrderId, VenueOrderId] = field(default_factory=dict)
    attempts: dict[AttemptId, Attempt] = field(default_factory=dict)
    reason: str = ""
    last_venue_time_ns: int = 0
    parent: OrderId | None = None  # the order whose attached leg this is
    parent_ref: VenueOrderId | None = None  # what the venue calls that one
    contingency: Contingency | None = None  # of the leg and its parent

    @property
    def is_working(self) -> bool:
        """True while the order may still change: not proven done, or something in doubt."""
        if self.status not in TERMINAL or self.attempts:
            return True
        return self.cumulative_quantity > self.filled_quantity

    @property
    def owed(self) -> Decimal:
        """Quantity the venue says was filled, of which no fill was recorded yet."""
        owed = self.cumulative_quantity - self.filled_quantity
        return owed if owed > 0 else ZERO

    @property
    def doubts(self) -> list[Attempt]:
        if not self.attempts:
            return []
        return [attempt for attempt in self.attempts.values() if attempt.in_doubt]

    def attempt_of(self, kind: WriteKind) -> Attempt | None:
        for attempt in self.attempts.values():
            if attempt.kind is kind:
                return attempt
        return None

    @property
    def worst_quantity(self) -> Decimal:
        """The most that our books may still have to take in, whatever comes.

        What was filled but not booked yet counts; a cancel frees nothing until it is
        proven; a replace counts with the larger size.
        """
        if self.status in TERMINAL and self.attempt_of(WriteKind.SUBMIT) is None:
            return self.owed
        remaining = self._largest_quantity - self.filled_quantity
        return remaining if remaining > 0 else ZERO

    @property
    def _largest_quantity(self) -> Decimal:
        """The order's size if every open replace that enlarges it took effect."""
        if not self.attempts:
            return self.quantity
        sizes = [a.quantity for a in self.attempts.values() if a.quantity is not None]
        return max([self.quantity, *sizes])

    @property
    def worst_prices(self) -> tuple[Decimal, ...]:
        """Every price the order may rest or execute at; empty for a plain market order.

        Of an OCO pair, also those of its leg: only one of the two can fill.
        """
        own = self.limit_price or self.stop_price
        pair = self.request.contingency is Contingency.OCO
        if not self.attempts and not pair:
            return () if own is None else (own,)
        prices = {own} if own is not None else set()
        for leg in self.request.attached if pair else ():
            rests_at = leg.limit_price or leg.stop_price
            if rests_at is not None:
                prices.add(rests_at)
        for attempt in self.attempts.values():
            wanted = attempt.limit_price or attempt.stop_price
            if wanted is not None:
                prices.add(wanted)
        return tuple(sorted(prices))

    def begin(self, record: AttemptStarted) -> None:
        self.attempts[record.attempt_id] = Attempt(
            attempt_id=record.attempt_id,
            kind=record.kind,
            started_at=record.at,
            quantity=record.quantity,
            limit_price=record.limit_price,
            stop_price=record.stop_price,
        )
        if record.kind is WriteKind.SUBMIT and self.status is OrderStatus.JOURNALED:
            self.status = OrderStatus.SENT

    def end(self, attempt_id: AttemptId, outcome: Outcome, words: str) -> None:
        attempt = self.attempts.get(attempt_id)
        if attempt is None:
            return
        if outcome is Outcome.UNKNOWN:
            attempt.in_doubt = True
            return
        del self.attempts[attempt_id]
        if attempt.kind is WriteKind.REPLACE:
            self._settle_replace(attempt, took_effect=outcome is Outcome.ACCEPTED)
        if outcome is Outcome.ACCEPTED or attempt.kind is not WriteKind.SUBMIT:
            return
        if self.status in (OrderStatus.JOURNALED, OrderStatus.SENT):
            rejected = outcome is Outcome.REJECTED
            self.status = OrderStatus.REJECTED if rejected else OrderStatus.NEVER_ACCEPTED
            self.reason = words

    def resolve(self, attempt_id: AttemptId, *, took_effect: bool, words: str) -> None:
        attempt = self.attempts.pop(attempt_id, None)
        if attempt is None:
            return
        if attempt.kind is WriteKind.REPLACE:
            self._settle_replace(attempt, took_effect=took_effect)
        unproven = self.status in (OrderStatus.JOURNALED, OrderStatus.SENT)
        if attempt.kind is WriteKind.SUBMIT and unproven and not took_effect:
            self.status = OrderStatus.NEVER_ACCEPTED
            self.reason = words

    def _settle_replace(self, attempt: Attempt, *, took_effect: bool) -> None:
        if took_effect and attempt.quantity is not None:
            self.quantity = attempt.quantity
        if took_effect and attempt.limit_price is not None:
            self.limit_price = attempt.limit_price
        if took_effect and attempt.stop_price is not None:
            self.stop_price = attempt.stop_price
        if self.status not in TERMINAL and self.cumulative_quantity >= self.quantity:
            self.status = OrderStatus.FILLED  # only the open replace kept it from that

    def news_in(self, report: OrderReport) -> bool:
        """Tell whether a report says anything that is not proven already."""
        if report.venue_order_id not in self.venue_order_ids:
            return True
        if report.replaces is not None and report.replaces not in self.successors:
            return True
        if report.cumulative_quantity > self.cumulative_quantity:
            return True
        if self._is_stale(report):
            return False
        return (
            self._status_after(report) is not self.status
            or report.quantity != self.quantity
            or report.limit_price != self.limit_price
            or report.stop_price != self.stop_price
        )

    def merge(self, report: OrderReport) -> None:
        """Take in what a report proves. Late and repeated reports change nothing."""
        stale = self._is_stale(report)
        self._link(report)
        if stale:
            self._raise_cumulative(report.cumulative_quantity)
            return
        self.status = self._status_after(report)
        self.cumulative_quantity = max(self.cumulative_quantity, report.cumulative_quantity)
        self.last_venue_time_ns = max(self.last_venue_time_ns, report.venue_time_ns)
        self.quantity = report.quantity
        self.limit_price = report.limit_price
        self.stop_price = report.stop_price
        if report.reason:
            self.reason = report.reason

    def reopens_on_report(self, report: OrderReport) -> bool:
        """Tell whether this report contradicts a status that said the order was done."""
        if self.status not in TERMINAL:
            return False
        after = replace(
            self,
            venue_order_ids=[*self.venue_order_ids],
            successors={**self.successors},
        )
        after.merge(report)
        return after.status not in TERMINAL

    def _link(self, report: OrderReport) -> None:
        """Learn the report's id and which one it took over from; keep the chain in order."""
        ids, new, old = self.venue_order_ids, report.venue_order_id, report.replaces
        if old is None and ids == [new]:
            return
        if old is not None:
            self.successors[old] = new
        if new not in ids:
            if old is None:
                ids.insert(0, new)
            else:
                ids.append(new)
        ids.sort(key=self._links_after, reverse=True)

    def _links_after(self, venue_order_id: VenueOrderId) -> int:
        count, link = 0, self.successors.get(venue_order_id)
        while link is not None and count < len(self.successors):
            count, link = count + 1, self.successors.get(link)
        return count

    def _is_stale(self, report: OrderReport) -> bool:
        """Tell whether something newer than this report is known already."""
        if report.venue_order_id in self.successors:
            return True
        if self.status in TERMINAL and report.status not in TERMINAL:
            return not self._revives(report)
        if report.cumulative_quantity < self.cumulative_quantity:
            return self.status in TERMINAL or report.status not in TERMINAL
        return self._is_older(report) and report.status not in TERMINAL

    def _is_older(self, report: OrderReport) -> bool:
        return 0 < report.venue_time_ns < self.last_venue_time_ns

    def _revives(self, report: OrderReport) -> bool:
        """Tell whether a report that an order is open outweighs the proof that it ended."""
        if self.status is OrderStatus.NEVER_ACCEPTED:
            return True  # it was absence or silence that proved it
        if self.status is OrderStatus.REJECTED and not self.venue_order_ids:
            return report.status is not OrderStatus.PENDING_NEW
        if report.cumulative_quantity > self.cumulative_quantity:
            return True
        if report.replaces in self.venue_order_ids:
            return report.venue_order_id not in self.venue_order_ids
        return (
            self.status is OrderStatus.FILLED
            and report.quantity > self.cumulative_quantity == report.cumulative_quantity
            and not self._is_older(report)
        )

    def _status_after(self, report: OrderReport) -> OrderStatus:
        if (
            self.status is OrderStatus.FILLED
            and report.quantity <= self.cumulative_quantity
        ):
            return OrderStatus.FILLED
        filled = max(self.cumulative_quantity, report.cumulative_quantity)
        if report.status in (OrderStatus.NEW, OrderStatus.PENDING_NEW) and filled > 0:
            return OrderStatus.PARTIALLY_FILLED
        return report.status

    def reopens_on(self, fill: Fill, inferred: Decimal = ZERO) -> bool:
        """Tell whether this fill contradicts a status that said the order was done.

        `inferred` is the quantity of the inferred fills that it takes the place of.
        """
        if self.status not in TERMINAL or self.status is OrderStatus.FILLED:
            return False
        filled = self.filled_quantity - inferred + fill.quantity
        return fill.kind not in TAKEN_BACK and filled > self.cumulative_quantity

    def fill(self, fill: Fill) -> None:
        """Add one recorded fill. Corrections and busts move money, not the order."""
        self.fill_count += 1
        ids = self.venue_order_ids
        if fill.venue_order_id not in ids:
            # A fill names no predecessor. Where the end of the chain is known, it is older.
            ids.insert(len(ids) - bool(self.successors and ids), fill.venue_order_id)
            ids.sort(key=self._links_after, reverse=True)
        for asset, fee in fill.fees:
            self.fees[asset] = self.fees.get(asset, ZERO) + fee
        if fill.kind in TAKEN_BACK:
            return
        self.filled_quantity += fill.quantity
        self.filled_notional += fill.quantity * fill.price
        self._raise_cumulative(self.filled_quantity)

    def absorb(self, ghost: OrderState) -> None:
        """Take over the fills of an order that was this one under an id not known yet."""
        for venue_order_id in ghost.venue_order_ids:
            if venue_order_id not in self.venue_order_ids:
                self.venue_order_ids.insert(0, venue_order_id)
        self.successors = {**ghost.successors, **self.successors}
        self.venue_order_ids.sort(key=self._links_after, reverse=True)
        self.fill_count += ghost.fill_count
        for asset, fee in ghost.fees.items():
            self.fees[asset] = self.fees.get(asset, ZERO) + fee
        self.filled_quantity += ghost.filled_quantity
        self.filled_notional += ghost.filled_notional
        self._raise_cumulative(max(self.filled_quantity, ghost.cumulative_quantity))

    def unfill(self, fill: Fill) -> None:
        """Take back an inferred fill that a reported one takes the place of."""
        self.filled_quantity -= fill.quantity
        self.filled_notional -= fill.quantity * fill.price

    def unfee(self, fees: Iterable[tuple[Asset, Decimal]]) -> None:
        """Take back the fees of a fill that was corrected or busted."""
        for asset, fee in fees:
            self.fees[asset] = self.fees.get(asset, ZERO) - fee

    def reprice(self, quantity: Decimal, change: Decimal) -> None:
        """Take a correction of a fill's price into the average."""
        self.filled_notional += quantity * change

    def _raise_cumulative(self, proven: Decimal) -> None:
        """A fill beats every status that denies it; cumulative quantity never falls."""
        if proven > self.cumulative_quantity:
            self.cumulative_quantity = proven
            done = proven >= self._largest_quantity
            self.status = OrderStatus.FILLED if done else OrderStatus.PARTIALLY_FILLED

    def view(self) -> OrderView:
        average = (
            self.filled_notional / self.filled_quantity if self.filled_quantity else None
        )
        return OrderView(
            order_id=self.order_id,
            client_order_id=self.client_order_id,
            venue_order_ids=tuple(self.venue_order_ids),
            request=self.request,
            parent=self.parent,
            status=self.status,
            in_doubt=tuple(attempt.kind for attempt in self.doubts),
            quantity=self.quantity,
            limit_price=self.limit_price,
            stop_price=self.stop_price,
            cumulative_quantity=self.cumulative_quantity,
            average_price=average,
            fees=tuple(self.fees.items()),
            reason=self.reason,
            created_time_ns=self.created_at,
            updated_time_ns=self.updated_at,
        )
