"""A message that is missing never leaves a book that looks good."""

from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.book import OrderBook
from crossdock.model import BookChange, InstrumentId, Side
from crossdock.ports import MarketGap
from crossdock.toolkit.decoders.books import JoinedBook, StreamedBook

ID = InstrumentId("BTC/USDT@test")
PRICES = [f"{price}.5" for price in range(90, 111)]

level = st.tuples(st.sampled_from(PRICES), st.sampled_from(["0", "1.0", "2.5"]))
steps = st.lists(
    st.tuples(st.integers(1, 3), st.lists(level, max_size=4)), min_size=2, max_size=25
)


def evolution(told):
    """Return changes, and the bids that are there after each sequence number."""
    changes, bids, number = [], {}, 0
    truth = {0: {}}
    for width, levels in told:
        first, number = number + 1, number + width
        for price, quantity in levels:
            if quantity == "0":
                bids.pop(price, None)
            else:
                bids[price] = quantity
        changes.append(BookChange(ID, False, levels, [], first, number, number, number))
        truth[number] = dict(bids)
    return changes, truth


def snapshot(bids, number, received=0):
    return BookChange(ID, True, list(bids.items()), [], number, number, number, received)


def play(book, kept, taken_at, truth, order_book):
    """Feed what was received, the snapshot among it; return the gaps, checking each book."""
    gaps = 0
    for position, change in enumerate(kept):
        events = []
        if position == taken_at[0]:
            events += book.snapshot(snapshot(truth[taken_at[1]], taken_at[1]))
        events += book.change(change)
        for event in events:
            if isinstance(event, MarketGap):
                gaps += 1
                order_book.mark_gap(event.reason)
            else:
                assert order_book.apply(event)
            if order_book.ready or order_book.levels(Side.BUY):
                assert dict(order_book.levels(Side.BUY)) == truth[order_book.sequence]
    return gaps


@settings(max_examples=150, deadline=None)
@given(told=steps, data=st.data())
def test_a_joined_book_is_right_or_given_up_whatever_is_lost(told, data):
    changes, truth = evolution(told)
    lost = data.draw(st.sets(st.integers(0, len(changes) - 1)))
    kept = [change for index, change in enumerate(changes) if index not in lost]
    number = data.draw(st.sampled_from(sorted(truth)))
    at = data.draw(st.integers(0, len(changes)))
    book, order_book = JoinedBook(ID), OrderBook(ID)
    gaps = play(book, kept, (at, number), truth, order_book)
    assert gaps <= 1, "one loss is told once: no second snapshot came"
    assert book.joined or not order_book.levels(Side.BUY)


@settings(max_examples=100, deadline=None)
@given(told=steps, data=st.data())
def test_one_change_lost_from_a_joined_book_is_a_gap(told, data):
    changes, truth = evolution(told)
    lost = data.draw(st.integers(0, len(changes) - 2))
    kept = [change for index, change in enumerate(changes) if index != lost]
    assert play(JoinedBook(ID), kept, (0, 0), truth, OrderBook(ID)) == 1


@settings(max_examples=100, deadline=None)
@given(told=steps, data=st.data())
def test_a_second_snapshot_mends_a_joined_book(told, data):
    changes, truth = evolution(told)
    lost = data.draw(st.integers(0, len(changes) - 2))
    book, order_book = JoinedBook(ID), OrderBook(ID)
    book.snapshot(snapshot({}, 0))
    for index, change in enumerate(changes):
        if index != lost:
            book.change(change)
    assert not book.joined
    newest = changes[-1].last_sequence
    joined = changes[data.draw(st.integers(lost, len(changes) - 1))].last_sequence
    for event in book.snapshot(snapshot(truth[joined], joined, received=10_000)):
        assert event.received_time_ns == 10_000, "nobody could have used it before"
        assert order_book.apply(event)
    assert order_book.sequence == newest
    assert dict(order_book.levels(Side.BUY)) == truth[newest]


def test_a_snapshot_older_than_the_changes_held_begins_nothing():
    book = JoinedBook(ID)
    book.change(BookChange(ID, False, [], [], 10, 12, 1, 1))
    assert book.snapshot(snapshot({}, 8)) == []
    assert book.awaits_snapshot
    assert not book.has_begun


def test_a_snapshot_older_than_the_book_is_left_alone():
    book = JoinedBook(ID)
    book.snapshot(snapshot({}, 5))
    book.change(BookChange(ID, False, [], [], 6, 9, 1, 1))
    assert book.snapshot(snapshot({}, 7)) == []
    assert book.change(BookChange(ID, False, [], [], 10, 10, 1, 1)), "it still follows on"


def test_a_change_told_before_the_snapshot_is_not_told_again():
    book = JoinedBook(ID)
    book.snapshot(snapshot({}, 5))
    assert book.change(BookChange(ID, False, [("90.5", "1")], [], 4, 5, 1, 1)) == []


def test_losing_a_book_that_never_was_is_no_gap():
    assert JoinedBook(ID).lose("gone", 1) == []
    assert StreamedBook(ID).lose("gone", 1) == []


def test_a_streamed_book_numbers_what_the_venue_does_not():
    book, order_book = StreamedBook(ID), OrderBook(ID)
    assert order_book.apply(book.snapshot([("90.5", "1")], [], 1, 1))
    assert order_book.apply(book.change([("91.5", "2")], [], 2, 2))
    [gap] = book.lose("cut off", 3)
    assert gap == MarketGap(ID, "cut off", 3)
    assert book.lose("cut off", 4) == [], "told once"
    assert order_book.apply(book.snapshot([("92.5", "3")], [], 5, 5))
    assert order_book.levels(Side.BUY) == [("92.5", "3")]
