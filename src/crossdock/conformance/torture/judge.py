"""Compares what a venue knows with what a desk wrote down. Imports nothing of Crossdock.

    python judge.py TRUTH.json JOURNAL.jsonl BOOKS.json

TRUTH is a sandbox's admin truth of one account, JOURNAL a desk's exported journal, BOOKS
the balances the desk's ledger ended with. Prints one JSON object. Every count named in
`FAULTS` must be 0; `words` says what was wrong with each.
"""

from __future__ import annotations

import json
import operator
import sys
from collections import Counter, defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

FAULTS = (
    "duplicate_orders",
    "lost_fills",
    "invented_fills",
    "wrong_verdicts",
    "wrong_orders",
    "unexplained_positions",
    "limit_breaches",
)
DONE = {"Filled", "Canceled", "Rejected", "Expired", "NeverAccepted"}
DUST = Fraction(1, 10**12)  # average cost of a contract is split with rounding


class Judge:
    def __init__(
        self, truth: Any, journal: list[Any], books: dict[str, str], most_open: int
    ) -> None:
        self.truth = truth
        self.journal = placed(journal)
        self.books = books
        self.most_open = most_open
        self.found = dict.fromkeys(FAULTS, 0)
        self.words: list[str] = []

    def say(self, fault: str, words: str) -> None:
        self.found[fault] += 1
        self.words.append(f"{fault}: {words}")

    def run(self) -> dict[str, Any]:
        self.read_journal()
        self.replay()
        self.orders()
        self.attached_legs()
        self.fills()
        self.verdicts()
        self.holdings()
        return {
            **self.found,
            "orders": len(self.intents),
            "fills": sum(1 for f in self.truth["fills"] if f["kind"] == "reported"),
            "accepted": self.accepted,
            "unaccepted": self.unaccepted,
            "refused": self.refused,
            "doubts": self.doubts,
            "doubts_resolved_live": self.resolved["live"] + self.resolved["moot"],
            "doubts_resolved_absent": self.resolved["absent"],
            "doubts_to_person": self.to_person,
            "doubts_open": len(self.open_doubts),
            "doubt_s": self.doubt_s,
            "words": self.words,
        }

    def read_journal(self) -> None:
        self.intents: dict[str, Any] = {}
        self.client_of: dict[str, str] = {}
        self.attempts: dict[str, Any] = {}
        self.ended: dict[str, Any] = {}
        self.resolutions: dict[str, Any] = {}
        self.written_fills: dict[Any, Any] = {}
        self.superseded: set[Any] = set()
        self.written_events: dict[str, Any] = {}
        self.baseline: Any = None
        self.refused = self.to_person = 0
        self.open_doubts: dict[str, int] = {}
        self.doubt_s: list[float] = []
        self.resolved: defaultdict[str, int] = defaultdict(int)
        for record in self.journal:
            kind = record["record"]
            if kind == "order_intended":
                self.intents[record["order_id"]] = record
                self.client_of[record["client_order_id"]] = record["order_id"]
            elif kind == "request_refused":
                self.refused += 1
            elif kind == "attempt_started":
                self.attempts[record["attempt_id"]] = record
            elif kind == "attempt_ended":
                self.ended[record["attempt_id"]] = record
                if record["outcome"] == "unknown":
                    self.open_doubts.setdefault(record["attempt_id"], record["at"])
            elif kind == "doubt_resolved":
                self.resolutions[record["attempt_id"]] = record
                self.resolved[record["verdict"]] += 1
                if record["by"].startswith("person:"):
                    self.to_person += 1
                began = self.open_doubts.pop(record["attempt_id"], None)
                if began is not None:
                    self.doubt_s.append((record["at"] - began) / 1e9)
            elif kind == "doubt_escalated":
                self.to_person += 1
            elif kind == "fill_recorded":
                fill = record["fill"]
                key = (fill["instrument"], fill["venue_order_id"], fill["execution_id"])
                if key in self.written_fills:
                    self.say("invented_fills", f"{key} is in the journal twice")
                self.written_fills[key] = fill
                for name in record.get("supersedes", ()):
                    self.superseded.add((fill["instrument"], name))
            elif kind == "account_moved":
                event = record["event"]
                if event["event_id"] in self.written_events:
                    self.say("unexplained_positions", f"{event['event_id']} booked twice")
                self.written_events[event["event_id"]] = event
            elif kind == "baseline_taken":
                self.baseline = record
        self.accepted = 0
        self.unaccepted = Counter[str]()
        for name in (n for n, it in self.attempts.items() if it["kind"] == "submit"):
            outcome = self.ended.get(name, {}).get("outcome")
            verdict = self.resolutions.get(name, {}).get("verdict")
            if outcome == "accepted" or verdict in ("live", "moot"):
                self.accepted += 1
            else:
                self.unaccepted[verdict or outcome or "unanswered"] += 1
        self.doubts = sum(e["outcome"] == "unknown" for e in self.ended.values())

    def replay(self) -> None:
        """Follow every order through the journal: its end, and how many were ever open."""
        self.followed: dict[str, Followed] = {}
        self.legs: dict[str, str] = {}
        alive: set[str] = set()
        for record in self.journal:
            order_id = record.get("order_id")
            if record["record"] in ("leg_seen", "foreign_order_seen"):
                report = record["report"]
                if report.get("parent") is not None:
                    self.legs[report["client_order_id"]] = order_id
                    self.followed[order_id] = Followed(report)
                    self.followed[order_id].report(report)
                continue
            if record["record"] == "order_intended":
                self.followed[order_id] = Followed(record["request"])
                alive.add(order_id)
                if adds_risk(record) and self.most_open and len(alive) > self.most_open:
                    self.say("limit_breaches", f"{order_id} made {len(alive)} open orders")
                continue
            order = self.followed.get(order_id)
            if order is None:
                continue
            attempt = self.attempts.get(record.get("attempt_id"), {})
            order.take(record, attempt.get("kind"))
            if order.status in DONE:
                alive.discard(order_id)

    def orders(self) -> None:
        """Every order of ours at the venue was intended once, and ended as we say."""
        at_venue: defaultdict[str, list[Any]] = defaultdict(list)
        self.chains: dict[str, Any] = {}
        for order in self.truth["orders"]:
            if order.get("parent_id") is None and not is_by_hand(order):
                at_venue[order["client_order_id"]].append(order)
        for client, orders in at_venue.items():
            if client not in self.client_of:
                self.say("duplicate_orders", f"{client} is at the venue, not journaled")
            if len(orders) > 1:
                self.say("duplicate_orders", f"{client} is there {len(orders)} times")
        for client, order_id in self.client_of.items():
            followed = self.followed[order_id]
            orders = at_venue.get(client, [])
            if not orders:
                status = followed.status
                if status not in ("Rejected", "NeverAccepted"):
                    self.say("wrong_orders", f"{client} is {status}, and never was there")
                continue
            self.chains[order_id] = orders[0]
            self.compare_order(client, orders[0], followed)

    def attached_legs(self) -> None:
        """Every leg of an order of ours is ours, but for one that ended before it counted."""
        ours = {
            name
            for order in self.truth["orders"]
            if order["client_order_id"] in self.client_of
            for name in order["chain"]
        }
        for leg in self.truth["orders"]:
            if leg.get("parent_id") not in ours:
                continue
            client = leg["client_order_id"]
            if client in self.legs:
                self.chains[self.legs[client]] = leg
                self.compare_order(client, leg, self.followed[self.legs[client]])
            elif leg["status"] not in DONE or Fraction(leg["cumulative_quantity"]):
                self.say("wrong_orders", f"{client}, a leg of ours, is not in the journal")

    def compare_order(self, client: str, truth: Any, followed: Followed) -> None:
        """Say where an order's end at the venue and in the journal differ."""
        status, cumulative = followed.status, followed.cumulative
        if truth["status"] != status:
            self.say("wrong_orders", f"{client} is {truth['status']}, we say {status}")
        if Fraction(truth["cumulative_quantity"]) != cumulative:
            done = truth["cumulative_quantity"]
            self.say("wrong_orders", f"{client} filled {done}, we say {cumulative}")

    def fills(self) -> None:
        """The same fills, to the last unit of price, quantity and fee."""
        first = began(self.baseline, "fill_cursor")
        known = {f["execution_id"]: f for f in self.truth["fills"] if f["sequence"] > first}
        seen = set()
        for (instrument, _, execution), ours in self.written_fills.items():
            if ours.get("kind") == "inferred":
                if (instrument, execution) not in self.superseded:
                    self.say("invented_fills", f"{execution} was never explained")
                continue
            theirs = known.get(execution)
            if theirs is None:
                self.say("invented_fills", f"{execution} is in no truth")
                continue
            seen.add(execution)
            for name in ("price", "quantity", "fee"):
                if Fraction(theirs[name]) != Fraction(ours[name]):
                    differing = f"{name} {ours[name]} != {theirs[name]}"
                    self.say("invented_fills", f"{execution}: {differing}")
            if theirs["fee_asset"] != ours["fee_asset"] or theirs["side"] != ours["side"]:
                self.say("invented_fills", f"{execution}: side or fee asset differs")
        for execution in known.keys() - seen:
            self.say("lost_fills", f"{execution} is not in the journal")

    def verdicts(self) -> None:
        """No doubt was ended against the truth."""
        at_venue = {order["client_order_id"] for order in self.truth["orders"]}
        replaced: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
        for attempt_id, attempt in self.attempts.items():
            order_id = attempt["order_id"]
            intent = self.intents.get(order_id)
            resolution = self.resolutions.get(attempt_id)
            verdict = resolution["verdict"] if resolution else None
            outcome = self.ended.get(attempt_id, {}).get("outcome")
            if attempt["kind"] == "submit" and intent is not None and verdict:
                there = intent["client_order_id"] in at_venue
                if there and verdict == "absent":
                    self.say("wrong_verdicts", f"{attempt_id} is live, was called absent")
                if not there and verdict == "live":
                    self.say("wrong_verdicts", f"{attempt_id} is absent, was called live")
            if attempt["kind"] == "replace":
                sure = outcome == "accepted" or verdict == "live"
                maybe = verdict == "moot" or (outcome == "unknown" and verdict is None)
                replaced[order_id][0] += sure
                replaced[order_id][1] += sure or maybe
        for order_id, (sure, most) in replaced.items():
            truth = self.chains.get(order_id)
            changes = truth["amendments"] if truth else 0
            if not sure <= changes <= most:
                words = f"amended {changes} times, we say {sure} to {most}"
                self.say("wrong_verdicts", f"{order_id} was {words}")

    def holdings(self) -> None:
        """Baseline, fills and events add up to the venue's cash, and to the desk's books."""
        if self.baseline is None:
            if self.intents:
                self.say("unexplained_positions", "traded without a baseline")
            return
        cash: defaultdict[str, Fraction] = defaultdict(Fraction)
        for balance in self.baseline.get("balances", ()):
            cash[balance["asset"]] += Fraction(balance["total"])
        positions: defaultdict[str, list[Fraction]] = defaultdict(
            lambda: [Fraction(0), Fraction(0)]
        )
        for _, symbol, signed, price, fee, fee_asset in self.movements():
            if fee_asset:
                cash[fee_asset] -= fee
            if not symbol:
                continue
            pair, _, settle = symbol.partition(":")
            base, _, quote = pair.partition("/")
            if settle:
                cash[settle] += realize(positions[symbol], signed, price)
            else:
                cash[base] += signed
                cash[quote] -= signed * price
        self.compare("journal", cash, self.truth["cash"])
        self.compare("books", self.books, self.truth["cash"])
        self.events()

    def events(self) -> None:
        """The same events; by what they moved, where clients see other ids of them."""
        first = began(self.baseline, "event_cursor")
        there = [e for e in self.truth["events"] if e["sequence"] > first]
        ours = list(self.written_events.values())
        by_id = operator.itemgetter("event_id")
        name = moved if self.truth.get("renames_events") else by_id
        theirs, booked = Counter(map(name, there)), Counter(map(name, ours))
        for event in (theirs - booked).elements():
            self.say("unexplained_positions", f"event {event} is missing")
        for event in (booked - theirs).elements():
            self.say("unexplained_positions", f"event {event} is in no truth")

    def movements(self) -> list[Any]:
        """Yield what moved cash, in order: the desk's fills and the desk's events.

        A corrected fill stands where the first one stood; a busted one never was.
        """
        moved: list[Any] = []
        effective = [
            fill
            for (instrument, _, execution), fill in self.written_fills.items()
            if fill.get("kind") != "inferred"
            or (instrument, execution) not in self.superseded
        ]
        latest = {fill["replaces"]: fill for fill in effective if fill.get("replaces")}
        for fill in effective:
            if fill.get("replaces"):
                continue
            last = fill
            while last["execution_id"] in latest:
                last = latest[last["execution_id"]]
            if last.get("kind") == "busted":
                continue
            signed = Fraction(last["quantity"]) * (1 if last["side"] == "buy" else -1)
            symbol = fill["instrument"].partition("@")[0]
            row = (symbol, signed, Fraction(last["price"]), Fraction(last["fee"]))
            moved.append((fill["account_sequence"], *row, last["fee_asset"]))
        for event in self.written_events.values():
            at, amount = event["account_sequence"], -Fraction(event["amount"])
            moved.append((at, "", Fraction(0), Fraction(0), amount, event["asset"]))
            if event.get("instrument") and Fraction(event.get("quantity") or "0"):
                symbol = event["instrument"].partition("@")[0]
                quantity, price = Fraction(event["quantity"]), Fraction(event["price"])
                moved.append((at, symbol, quantity, price, Fraction(0), ""))
        moved.sort(key=lambda row: row[0])
        return moved

    def compare(self, what: str, ours: Any, theirs: Any) -> None:
        for asset in sorted(set(ours) | set(theirs)):
            have, want = Fraction(ours.get(asset, 0)), Fraction(theirs.get(asset, 0))
            if abs(have - want) > DUST:
                words = f"{float(have):.12f}, the venue has {float(want):.12f}"
                self.say("unexplained_positions", f"{what} {asset}: {words}")


class Followed:
    """One order as the journal tells it. A fill beats a status; quantity filled never falls."""

    def __init__(self, order: Any) -> None:
        self.status = "Journaled"
        self.quantity = Fraction(order["quantity"])
        self.cumulative = Fraction(0)
        self.filled = Fraction(0)

    def take(self, record: Any, attempt_kind: str | None) -> None:
        kind = record["record"]
        if record.get("report"):
            self.report(record["report"])
        if kind == "fill_recorded":
            self.fill(record["fill"])
        if attempt_kind != "submit" or self.status != "Journaled":
            return
        if record.get("outcome") == "rejected":
            self.status = "Rejected"
        elif record.get("outcome") == "not_sent" or record.get("verdict") == "absent":
            self.status = "NeverAccepted"

    def report(self, report: Any) -> None:
        done = Fraction(report.get("cumulative_quantity", "0"))
        status = report["status"]
        late = done < self.cumulative and status not in DONE
        if late or (self.status in DONE and status not in DONE):
            return
        self.cumulative = max(self.cumulative, done)
        self.status = status
        self.quantity = Fraction(report["quantity"])
        self.settle()

    def fill(self, fill: Any) -> None:
        if fill.get("kind", "reported") not in ("reported", "provisional"):
            return
        self.filled += Fraction(fill["quantity"])
        if self.filled > self.cumulative:
            self.cumulative = self.filled
            if self.status in DONE:
                self.status = "PartiallyFilled"
        self.settle()

    def settle(self) -> None:
        if self.status not in DONE and self.cumulative:
            whole = self.cumulative >= self.quantity
            self.status = "Filled" if whole else "PartiallyFilled"


def placed(journal: list[Any]) -> list[Any]:
    """Return a journal whose fills name the order of ours that they turned out to be of.

    One that came before anybody knew its order by an id it names was recorded without it,
    or as a stranger's. It belongs to the order that is told of under that id.
    """
    ours: set[str] = set()
    by_client: dict[str, str] = {}
    by_venue: dict[Any, tuple[str, int]] = {}  # with the place where it was learnt
    inferred: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for place, record in enumerate(journal):
        kind, report, order_id = (record.get(n) for n in ("record", "report", "order_id"))
        if kind in ("order_intended", "leg_seen") or (report or {}).get("parent"):
            ours.add(order_id)
            client = record.get("client_order_id") or (report or {}).get("client_order_id")
            if client:
                by_client[client] = order_id
        if report and order_id in ours:
            for name in ("replaces", "venue_order_id"):
                if report.get(name):
                    named = (report.get("instrument"), report[name])
                    by_venue.setdefault(named, (order_id, place))
        if kind == "fill_recorded" and record["fill"].get("kind") == "inferred":
            inferred[order_id].append((place, record["fill"]["execution_id"]))

    def of_owner(record: Any) -> Any:
        """Return a fill's record with its order; what was inferred meanwhile is replaced."""
        if record["record"] != "fill_recorded" or record.get("order_id") in ours:
            return record
        fill = record["fill"]
        named = (fill["instrument"], fill["venue_order_id"])
        client = by_client.get(fill.get("client_order_id"))
        owner, learnt = by_venue.get(named, (client, 0))
        if owner is None:
            return record
        replaced = [name for place, name in inferred[owner] if place < learnt]
        supersedes = [*record.get("supersedes", ()), *replaced]
        return {**record, "order_id": owner, "supersedes": supersedes}

    return [of_owner(record) for record in journal]


def began(baseline: Any, cursor: str) -> int:
    """Return the number of the last entry before the baseline, where cursors are numbers.

    Where they are not, the trial began with an account that nothing had happened to.
    """
    found = (baseline or {}).get(cursor) or ""
    return int(found) if found.isdecimal() else 0


def is_by_hand(order: Any) -> bool:
    """Tell whether somebody else entered an order, on a page of the venue's."""
    return bool(order["client_order_id"].startswith("web-"))


def moved(event: Any) -> str:
    """Return what an event moved: venues tell kinds apart in ways of their own."""
    return f"of {Fraction(event['amount'])} {event['asset']}"


def adds_risk(intent: Any) -> bool:
    """Tell whether an order certainly adds: a spot buy. Orders that reduce pass the limit."""
    request = intent["request"]
    return request["side"] == "buy" and ":" not in request["instrument"]


def realize(position: list[Fraction], signed: Fraction, price: Fraction) -> Fraction:
    """Move a linear contract's position at average cost; return what that realised."""
    quantity, cost = position
    if quantity * signed >= 0:
        position[:] = quantity + signed, cost + signed * price
        return Fraction(0)
    closing = min(abs(signed), abs(quantity)) * (1 if signed > 0 else -1)
    removed = cost * abs(closing) / abs(quantity)
    opening = signed - closing
    position[:] = quantity + signed, cost - removed + opening * price
    return -(closing * price) - removed


def main() -> None:
    truth, journal, books = (Path(name).read_text("utf-8") for name in sys.argv[1:4])
    most_open = int(sys.argv[4]) if len(sys.argv) > 4 else 0
    records = [json.loads(line) for line in journal.splitlines()]
    verdict = Judge(json.loads(truth), records, json.loads(books), most_open).run()
    sys.stdout.write(json.dumps(verdict) + "\n")


if __name__ == "__main__":
    main()
