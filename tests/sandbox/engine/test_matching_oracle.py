"""Matching compared with the plainest thing that could be right: a sorted list."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.sandbox.engine import Refused

PRICES = st.integers(20, 30).map(lambda n: Decimal(n) / 2)
QUANTITIES = st.integers(2, 9)
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("limit"), st.sampled_from(["buy", "sell"]), PRICES, QUANTITIES),
        st.tuples(st.just("market"), st.sampled_from(["buy", "sell"]), QUANTITIES),
        st.tuples(st.just("cancel"), st.integers(0, 60)),
        st.tuples(st.just("shrink"), st.integers(0, 60), QUANTITIES),
        st.tuples(st.just("move"), st.integers(0, 60), PRICES, QUANTITIES),
    ),
    max_size=40,
)


class NaiveBook:
    """Keeps every order in one list, sorts it for each match."""

    def __init__(self):
        self.orders = {}  # name -> [side, price, left, arrival]
        self.total = {}
        self.filled = {}
        self.trades = []
        self.arrivals = 0

    def enter(self, name, side, price, quantity):
        self.total[name], self.filled[name] = quantity, 0
        self.match(name, side, price, quantity)

    def match(self, name, side, price, left):
        sign = 1 if side == "buy" else -1
        facing = [
            (sign * o[1], o[3], key) for key, o in self.orders.items() if o[0] != side
        ]
        for _, _, key in sorted(facing):
            other = self.orders[key]
            if left == 0 or (price is not None and sign * other[1] > sign * price):
                break
            quantity = min(left, other[2])
            left -= quantity
            other[2] -= quantity
            self.filled[key] += quantity
            self.filled[name] += quantity
            self.trades.append((other[1], quantity))
            if other[2] == 0:
                del self.orders[key]
        if left and price is not None:
            self.arrivals += 1
            self.orders[name] = [side, price, left, self.arrivals]

    def replace(self, name, price, total):
        order = self.orders[name]
        left = total - self.filled[name]
        shrinks = total < self.total[name] and price == order[1]
        self.total[name] = total
        if shrinks:
            order[2] = left
        else:
            del self.orders[name]
            self.match(name, order[0], price, left)

    def levels(self, side):
        levels = {}
        for own, price, left, _ in self.orders.values():
            if own == side:
                levels[price] = levels.get(price, 0) + left
        return levels


@settings(max_examples=120, deadline=None)
@given(actions=ACTIONS)
def test_matching_equals_a_sorted_list(open_pit, actions):
    pit = open_pit()
    naive = NaiveBook()
    orders = {}
    unit = Decimal("0.1")
    for number, (verb, *args) in enumerate(actions):
        if verb in ("limit", "market"):
            side, *price, quantity = args
            price = price[0] if price else None
            # One account a side: nobody ever meets an order of his own.
            account = "ann" if side == "buy" else "bob"
            orders[number] = pit.enter(
                account, side, str(quantity * unit), None if price is None else str(price)
            )
            naive.enter(number, side, price, quantity)
            continue
        name = args[0]
        if name not in naive.orders:
            if name in orders:
                with pytest.raises(Refused, match="order_done"):
                    pit.venue.cancel(orders[name].account, orders[name].id, 1)
            continue
        order = orders[name]
        if verb == "cancel":
            pit.venue.cancel(order.account, order.id, 1)
            del naive.orders[name]
        elif verb == "shrink":
            total = naive.filled[name] + args[1]
            pit.venue.replace(order.account, order.id, quantity=total * unit, now_ns=1)
            naive.replace(name, naive.orders[name][1], total)
        else:
            total = naive.filled[name] + args[2]
            pit.venue.replace(
                order.account,
                order.chain[0],
                quantity=total * unit,
                limit_price=args[1],
                now_ns=1,
            )
            naive.replace(name, args[1], total)

    assert [(t[2], t[3]) for t in pit.ear.trades] == [
        (price, quantity * unit) for price, quantity in naive.trades
    ]
    for name, order in orders.items():
        assert order.cumulative_quantity == naive.filled[name] * unit
        assert order.is_done == (name not in naive.orders)
    sequence, bids, asks = pit.venue.book("BTC/USDT", 100)
    for side, levels in (("buy", bids), ("sell", asks)):
        expected = {p: q * unit for p, q in naive.levels(side).items()}
        assert dict(levels) == expected
        assert [p for p, _ in levels] == sorted(expected, reverse=side == "buy")
    # Who follows the changes holds the same book, and misses no sequence number.
    assert pit.ear.books.get(("BTC/USDT", "bids"), {}) == dict(bids)
    assert pit.ear.books.get(("BTC/USDT", "asks"), {}) == dict(asks)
    expected_first = 1
    for _, first, last in pit.ear.changes:
        assert first == expected_first
        expected_first = last + 1
    assert sequence == expected_first - 1
