"""Replace: new ids, time priority, limits and refusals."""

from decimal import Decimal

import pytest

from crossdock.model import OrderStatus, TimeInForce
from crossdock.sandbox.engine import Refused


def test_replace_gives_a_new_id_and_keeps_the_chain(pit):
    order = pit.enter("ann", "buy", "2", "99", now_ns=5)
    first = order.id
    pit.venue.replace("ann", first, limit_price=Decimal(98), now_ns=6)
    second = order.id
    pit.venue.replace("ann", first, quantity=Decimal(1), now_ns=7)
    assert order.chain == [first, second, order.id]
    assert len(set(order.chain)) == 3
    assert order.replaces == second
    assert (order.limit_price, order.quantity) == (98, 1)
    assert (order.created_time_ns, order.updated_time_ns) == (5, 7)
    assert pit.venue.orders("ann") == [order]


def test_fill_carries_the_id_of_its_moment(pit):
    order = pit.enter("ann", "buy", "2", "99")
    pit.enter("bob", "sell", "0.5", "99")
    pit.venue.replace("ann", order.id, quantity=Decimal(1), now_ns=2)
    pit.enter("bob", "sell", "0.5", "99")
    assert [fill.order_id for fill in pit.venue.fills("ann")] == order.chain
    assert order.status is OrderStatus.FILLED


@pytest.mark.parametrize(
    ("change", "stays_first"),
    [
        ({"quantity": Decimal(1)}, True),
        ({"quantity": Decimal(1), "limit_price": Decimal(99)}, True),
        ({"quantity": Decimal(2)}, False),
        ({"quantity": Decimal(3)}, False),
        ({"limit_price": Decimal(99)}, False),
    ],
)
def test_only_shrinking_keeps_time_priority(pit, change, stays_first):
    order = pit.enter("ann", "buy", "2", "99")
    pit.enter("cat", "buy", "2", "99")
    pit.venue.replace("ann", order.id, now_ns=2, **change)
    pit.enter("bob", "sell", "0.5", "99")
    assert bool(pit.venue.fills("ann")) is stays_first
    total = pit.venue.book("BTC/USDT", 1)[1][0][1]
    assert total == order.quantity + 2 - Decimal("0.5")


def test_moved_price_takes_what_it_now_reaches(pit):
    pit.enter("bob", "sell", "1", "101")
    order = pit.enter("ann", "buy", "3", "99")
    pit.venue.replace("ann", order.id, limit_price=Decimal(101), now_ns=2)
    assert (order.status, order.cumulative_quantity) == ("PartiallyFilled", 1)
    assert pit.venue.book("BTC/USDT", 2)[1] == [(101, 2)]


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("bad_request", {}),
        ("bad_request", {"quantity": Decimal("0.5")}),
        ("bad_request", {"quantity": Decimal("0.4")}),
        ("bad_request", {"stop_price": Decimal(120)}),
        ("bad_lot", {"quantity": Decimal("1.0001")}),
        ("bad_tick", {"limit_price": Decimal("99.2")}),
        ("min_notional", {"limit_price": Decimal("0.5"), "quantity": Decimal(1)}),
        ("would_cross", {"limit_price": Decimal(101)}),
        ("insufficient_funds", {"quantity": Decimal(1000), "limit_price": Decimal(100)}),
    ],
)
def test_refused_replace_leaves_the_order_as_it_was(open_pit, code, change):
    pit = open_pit(balance="5000")
    pit.enter("bob", "sell", "1", "101")
    order = pit.enter("ann", "buy", "2", "99", post_only=True)
    pit.enter("cat", "sell", "0.5", "99")
    before = (order.chain[:], order.quantity, order.limit_price, order.replaces)
    held, book = pit.held("ann"), pit.venue.book("BTC/USDT", 9)
    with pytest.raises(Refused) as refusal:
        pit.venue.replace("ann", order.id, now_ns=2, **change)
    assert refusal.value.code == code
    assert (order.chain, order.quantity, order.limit_price, order.replaces) == before
    assert (pit.held("ann"), pit.venue.book("BTC/USDT", 9)) == (held, book)


def test_replace_counts_what_the_order_holds_already(open_pit):
    pit = open_pit(balance="1000")
    order = pit.enter("ann", "buy", "9", "100")
    pit.venue.replace("ann", order.id, quantity=Decimal("9.9"), now_ns=2)
    assert pit.held("ann") == {"USDT": Decimal(990) * Decimal("1.0007")}


def test_done_order_cannot_be_replaced(pit):
    order = pit.enter("ann", "buy", "2", "99")
    pit.enter("bob", "sell", "2", "99")
    with pytest.raises(Refused) as refusal:
        pit.venue.replace("ann", order.id, quantity=Decimal(3), now_ns=2)
    assert (refusal.value.code, refusal.value.order) == ("order_done", order)


def test_waiting_stop_can_be_moved(pit):
    pit.enter("bob", "sell", "5", "100")
    pit.enter("cat", "buy", "1", "100")
    stop = pit.enter("ann", "buy", "1", "110", stop="105")
    with pytest.raises(Refused, match="stop_price"):
        pit.venue.replace("ann", stop.id, stop_price=Decimal(100), now_ns=2)
    assert stop.stop_price == 105
    pit.venue.replace(
        "ann", stop.id, stop_price=Decimal(103), limit_price=Decimal(104), now_ns=3
    )
    assert (stop.stop_price, stop.limit_price, stop.is_waiting) == (103, 104, True)


def test_replaced_day_order_still_expires(pit):
    order = pit.enter("ann", "buy", "2", "99", time_in_force=TimeInForce.DAY)
    pit.venue.replace("ann", order.id, quantity=Decimal(3), now_ns=2)
    pit.venue.advance(86_400 * 10**9)
    assert order.status is OrderStatus.EXPIRED
