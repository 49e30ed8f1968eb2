"""One order under any order of messages, against a venue that knows the truth.

The venue takes writes that arrive late or never, fills, amends under new ids, cancels and
expires. What it says is delivered in any order, twice, or not at all; then it is asked.
"""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.core import records as r
from crossdock.core.execution import intake
from crossdock.core.execution.reconcile import Next, Question, absent_after_ns, weigh
from crossdock.model import OrderStatus, WriteKind

D = Decimal
SECOND = 1_000_000_000
HORIZON = 4  # seconds in which a write may still arrive, and every step takes one
SIZE = D(3)  # small, so that fills often end just short of it
S = OrderStatus


class Venue:
    """One order as the venue has it, and everything it said about it."""

    def __init__(self, make, *, new_ids, echoes):
        self.make = make
        self.new_ids = new_ids
        self.client = "c1" if echoes else ""  # what a fill says of our id
        self.status = None  # it never heard of the order
        self.quantity = self.price = self.filled = D(0)
        self.ids, self.fills, self.reports = [], [], []
        self.held_back = D(0)  # matched, and not yet in any report

    @property
    def live(self):
        return self.status in (S.NEW, S.PARTIALLY_FILLED)

    @property
    def could_fill(self):
        return self.quantity - self.filled if self.live else D(0)

    def view(self, now):
        return self.make.report(
            venue_order_id=self.ids[-1],
            status=self.status,
            quantity=self.quantity,
            limit_price=self.price,
            cumulative_quantity=self.filled - self.held_back,
            replaces=self.ids[-2] if len(self.ids) > 1 else None,
            venue_time_ns=now // (2 * SECOND) * 2 * SECOND if self.new_ids else now,
        )

    def say(self, now):
        self.reports.append(self.view(now))
        return self.reports[-1]

    def accept(self, quantity, price, now):
        self.status, self.quantity, self.price = S.NEW, quantity, price
        self.ids.append("v1")
        return self.say(now)

    def fill(self, quantity, now, *, hold_back=False):
        self.filled += quantity
        self.held_back += quantity if hold_back else 0
        if not hold_back:
            full = self.filled == self.quantity
            self.status = S.FILLED if full else S.PARTIALLY_FILLED
        number = len(self.fills) + 1
        self.fills.append(
            self.make.fill(
                f"e{number}",
                quantity,
                self.price + number,
                venue_order_id=self.ids[-1],
                client_order_id=self.client,
                fee=quantity / 100,
                venue_time_ns=now,
            )
        )
        if not hold_back:
            self.say(now)
        return self.fills[-1]

    def replace(self, quantity, price, now):
        if not self.live or quantity <= self.filled:
            return None
        self.quantity, self.price = quantity, price
        if self.new_ids:
            self.ids.append(f"v{len(self.ids) + 1}")
        return self.say(now)

    def end(self, status, now):
        if not self.live:
            return None
        self.status = status
        return self.say(now)

    def release(self):
        """Put what was held back into the order."""
        if self.held_back:
            self.held_back = D(0)
            if self.filled == self.quantity:
                self.status = S.FILLED


class Write:
    """One write on its way: whether it arrived, what came of it, whether we heard."""

    def __init__(self, attempt_id, kind, values):
        self.attempt_id, self.kind, self.values = attempt_id, kind, values
        self.arrived = False
        self.reply = None
        self.silent_since = None


class Trial:
    """Our side, the venue's side, and what must hold after every step."""

    def __init__(self, make, data, **terms):
        self.make, self.data = make, data
        self.venue = Venue(make, **terms)
        self.evidence = make.evidence(arrival_horizon_s=HORIZON, visibility_lag_s=0)
        self.state = make.state(make.intent(quantity=SIZE))
        self.order = self.state.orders["o1"]
        self.now = SECOND
        self.writes = []
        self.send(WriteKind.SUBMIT)
        if data.draw(st.booleans(), label="confirmed from the start"):
            self.arrive(self.writes[0])
            self.hear(self.writes[0])

    # ---- our side ---------------------------------------------------------------

    def apply(self, records):
        for record in records:
            before = self.order.status
            cumulative = self.order.cumulative_quantity
            if isinstance(record, r.DoubtResolved):
                self.judge(record)
            self.state.apply(record)
            assert self.order.cumulative_quantity >= cumulative
            if before.is_terminal and not self.order.status.is_terminal:
                assert self.alarmed, f"{before} to {self.order.status} without an alarm"
            self.alarmed = isinstance(record, r.Alarmed)

    alarmed = False

    def judge(self, resolved):
        write = next(w for w in self.writes if w.attempt_id == resolved.attempt_id)
        took_effect = write.arrived and write.reply is not None
        if write.kind is WriteKind.CANCEL:
            # One sent after a late fill reopened the order finds it canceled already.
            took_effect = took_effect or self.venue.status is S.CANCELED
        if resolved.verdict is r.Verdict.LIVE:
            assert took_effect, f"{write.kind} was called live"
        if resolved.verdict is r.Verdict.ABSENT:
            assert not took_effect, f"{write.kind} was called absent"
            assert not self.may_arrive(write)
        if resolved.verdict is r.Verdict.MOOT:
            assert not self.venue.live, f"{write.kind} was called moot on a live order"
            assert self.order.status.is_terminal

    def send(self, kind, **values):
        write = Write(f"a{len(self.writes) + 1}", kind, values)
        self.writes.append(write)
        self.apply([self.make.begun(write.attempt_id, kind=kind, at=self.now, **values)])

    def take_report(self, report, source=r.Source.STREAM):
        new = intake.take_report(self.state, report, source, self.now, lambda: "x1")
        self.apply(new)
        self.after(source)

    def take_fill(self, fill):
        self.apply(intake.take_fill(self.state, fill, r.Source.STREAM, self.now))
        self.after(r.Source.STREAM)

    def after(self, source):
        self.apply(intake.doubts_ended(self.order, source, self.now))

    def look_up(self, *, infer=False):
        found = self.venue.view(self.now) if self.venue.ids else None
        if found is not None:
            self.take_report(found, r.Source.LOOKUP)
        question = Question(began_ns=self.now, found=found)
        for attempt in self.order.doubts:
            if attempt.attempt_id not in self.order.attempts:
                continue
            write = next(w for w in self.writes if w.attempt_id == attempt.attempt_id)
            since = absent_after_ns(self.evidence, write.silent_since)
            verdict = weigh(self.order, attempt, self.evidence, question, since)
            if verdict is Next.ABSENT:
                self.apply([intake.absence(self.order, attempt, "absent", self.now)])
                self.after(r.Source.LOOKUP)
        if infer and found is not None:
            guess = intake.infer_fill(self.order, self.make.instrument, found, self.now)
            if guess is not None:
                self.apply([guess])

    # ---- the way between --------------------------------------------------------

    def may_arrive(self, write):
        if write.arrived:
            return False
        return write.silent_since is None or self.now < (
            write.silent_since + HORIZON * SECOND
        )

    def arrive(self, write):
        venue, now = self.venue, self.now
        write.arrived = True
        if write.kind is WriteKind.SUBMIT:
            write.reply = venue.accept(SIZE, D(100), now)
        elif write.kind is WriteKind.CANCEL:
            if venue.live and self.data.draw(st.booleans()):
                venue.fill(D(1), now, hold_back=True)
            write.reply = venue.end(S.CANCELED, now)
            venue.release()
        else:
            values = write.values
            write.reply = venue.replace(values["quantity"], values["limit_price"], now)

    def hear(self, write):
        """Deliver the reply to a write that arrived."""
        accepted = write.reply is not None
        outcome = r.Outcome.ACCEPTED if accepted else r.Outcome.REJECTED
        write.silent_since = write.silent_since or self.now
        record = self.make.ended(write.attempt_id, outcome, at=self.now, report=write.reply)
        self.apply([record])
        self.after(r.Source.REPLY)

    def fall_silent(self, write):
        write.silent_since = self.now
        self.apply([self.make.ended(write.attempt_id, r.Outcome.UNKNOWN, at=self.now)])
        self.after(r.Source.REPLY)

    def pick(self, choices):
        return self.data.draw(st.sampled_from(choices))

    def messages(self):
        return [*self.venue.reports, *self.venue.fills]

    def step(self):
        self.now += SECOND
        order, venue = self.order, self.venue
        moves = []
        waiting = [w for w in self.writes if w.silent_since is None]
        travelling = [w for w in self.writes if self.may_arrive(w)]
        if travelling:
            moves += ["arrive", "arrive"]
        if any(w.arrived for w in waiting):
            moves += ["hear", "hear"]
        if waiting:
            moves.append("silence")
        if venue.live:
            moves += ["fill", "fill", "expire", "fill then end"]
        if self.messages():
            moves += ["deliver", "deliver", "deliver"]
        if order.doubts or order.venue_order_ids:
            moves += ["look up", "look up and infer"]
        confirmed = order.venue_order_ids and not order.status.is_terminal
        if confirmed and not order.attempts:
            moves += ["replace", "replace"]
        if order.attempt_of(WriteKind.CANCEL) is None and not order.status.is_terminal:
            moves.append("cancel")
        if not moves:
            return
        match self.pick(moves):
            case "arrive":
                self.arrive(self.pick(travelling))
            case "hear":
                self.hear(self.pick([w for w in waiting if w.arrived]))
            case "silence":
                self.fall_silent(self.pick(waiting))
            case "fill":
                most = int(venue.could_fill)
                venue.fill(D(self.data.draw(st.integers(1, most))), self.now)
            case "fill then end":
                # The engine matches; the end is reported before the fill is counted.
                most = int(venue.could_fill)
                size = D(self.data.draw(st.integers(1, most)))
                venue.fill(size, self.now, hold_back=True)
                venue.end(S.EXPIRED, self.now)
                venue.release()
            case "expire":
                venue.end(S.EXPIRED, self.now)
            case "deliver":
                message = self.pick(self.messages())
                if message in venue.fills:
                    self.take_fill(message)
                else:
                    self.take_report(message)
            case "look up":
                self.look_up()
            case "look up and infer":
                self.look_up(infer=True)
            case "replace":
                quantity = D(self.data.draw(st.integers(1, 5)))
                price = D(self.data.draw(st.integers(98, 102)))
                same = (quantity, price) == (order.quantity, order.limit_price)
                if quantity > order.cumulative_quantity and not same:
                    self.send(WriteKind.REPLACE, quantity=quantity, limit_price=price)
            case "cancel":
                self.send(WriteKind.CANCEL)
        self.check_reservation()

    def check_reservation(self):
        """What is set aside covers what the venue can still fill, now or by what travels."""
        venue = self.venue
        at_venue = venue.could_fill
        for write in self.writes:
            if not self.may_arrive(write):
                continue
            if write.kind is WriteKind.SUBMIT:
                at_venue = max(at_venue, SIZE)
            if write.kind is WriteKind.REPLACE and venue.live:
                at_venue = max(at_venue, write.values["quantity"] - venue.filled)
        assert self.order.worst_quantity >= at_venue
        held = self.state.reservations.get("o1")
        assert (held.quantity if held else 0) == self.order.worst_quantity

    # ---- the end ----------------------------------------------------------------

    def finish(self):
        """Let the last writes arrive or die, then ask the venue for everything."""
        for write in self.writes:
            if write.silent_since is None:
                self.fall_silent(write)
        self.now += (HORIZON + 1) * SECOND
        self.look_up()
        for fill in self.venue.fills:
            self.take_fill(fill)
        self.now += SECOND
        self.look_up()

    def check_truth(self):
        order, venue = self.order, self.venue
        assert not order.attempts
        if venue.status is None:
            assert order.status is S.NEVER_ACCEPTED
            assert not self.state.reservations.get("o1")
            return
        assert order.status is venue.status
        assert order.cumulative_quantity == order.filled_quantity == venue.filled
        assert (order.quantity, order.limit_price) == (venue.quantity, venue.price)
        assert order.venue_order_ids == venue.ids
        truth = sum((f.fee for f in venue.fills), D(0))
        assert order.fees.get("USDT", D(0)) == truth
        notional = sum((f.price * f.quantity for f in venue.fills), D(0))
        assert order.filled_notional == notional
        bought = self.state.ledger.balance("main", "BTC")
        assert bought == venue.filled
        assert self.state.ledger.balance("main", "USDT") == -notional - truth
        ours = [
            part.position.quantity
            for part in self.state.ledger.attributions("main")
            if (part.portfolio, part.strategy) == ("main", "manual")
        ]
        assert sum(ours) == venue.filled
        assert order.is_working == (not venue.status.is_terminal)


@pytest.mark.parametrize(
    ("new_ids", "echoes"), [(True, True), (True, False), (False, True)]
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_order_of_messages_ends_at_the_venues_truth(make, new_ids, echoes, data):
    trial = Trial(make, data, new_ids=new_ids, echoes=echoes)
    for _ in range(data.draw(st.integers(1, 40))):
        trial.step()
    trial.finish()
    trial.check_truth()
