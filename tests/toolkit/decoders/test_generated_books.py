"""Random books, told as each venue tells them: decoded they are the same, a loss is a gap."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from zlib import crc32

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crossdock.book import OrderBook
from crossdock.model import BookChange, Side
from crossdock.ports import MarketGap
from crossdock.toolkit.decoders import Bybit, CoinbaseAdvanced, Okx

TIME_MS = 1_700_000_000_000


def okx_checksum(bids, asks):
    """The documented rule, written out: bid and ask in turns, 25 a side, signed CRC32."""
    words = []
    for index in range(25):
        for side in (bids, asks):
            if index < len(side):
                words += side[index]
    value = crc32(":".join(words).encode())
    return value - 2**32 if value >= 2**31 else value


class OkxVenue:
    """https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws-order-book-channel"""

    new_decoder = Okx

    def __init__(self, has_checksums):
        self.has_checksums = has_checksums
        self.last = -1

    def tell(self, action, bids, asks, picture, step):
        number = max(self.last, 0) + step
        sides = [[[p, q, "0", "1"] for p, q in side] for side in (asks, bids)]
        data = {"asks": sides[0], "bids": sides[1], "ts": str(TIME_MS)}
        data["checksum"] = okx_checksum(*picture) if self.has_checksums else 0
        data |= {"prevSeqId": -1 if action == "snapshot" else self.last, "seqId": number}
        self.last = number
        arg = {"channel": "books", "instId": "BTC-USDT"}
        return {"arg": arg, "action": action, "data": [data]}


class OkxWithChecksums(OkxVenue):
    def __init__(self):
        super().__init__(has_checksums=True)


class OkxToday(OkxVenue):
    def __init__(self):
        super().__init__(has_checksums=False)


class BybitVenue:
    """https://bybit-exchange.github.io/docs/v5/websocket/public/orderbook"""

    new_decoder = Bybit

    def __init__(self):
        self.u = 4000
        self.seq = 10**10

    def tell(self, action, bids, asks, picture, step):
        self.u += 1
        self.seq += step
        data = {"s": "BTCUSDT", "b": bids, "a": asks, "u": self.u, "seq": self.seq}
        kind = "snapshot" if action == "snapshot" else "delta"
        topic = "orderbook.50.BTCUSDT"
        return {"topic": topic, "type": kind, "ts": TIME_MS, "data": data, "cts": TIME_MS}


class CoinbaseVenue:
    """https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket"""

    new_decoder = CoinbaseAdvanced

    def __init__(self):
        self.number = -1

    def tell(self, action, bids, asks, picture, step):
        self.number += 1
        time = "2023-11-14T22:13:20.000000Z"
        rows = [("bid", *row) for row in bids] + [("offer", *row) for row in asks]
        updates = [
            {"side": side, "event_time": time, "price_level": p, "new_quantity": q}
            for side, p, q in rows
        ]
        event = {"type": action, "product_id": "BTC-USDT", "updates": updates}
        return {
            "channel": "l2_data",
            "client_id": "",
            "timestamp": time,
            "sequence_num": self.number,
            "events": [event],
        }


VENUES = [OkxWithChecksums, OkxToday, BybitVenue, CoinbaseVenue]

changes = st.lists(
    st.tuples(
        st.sampled_from(["bids", "asks"]),
        st.integers(1, 40),
        st.sampled_from(["0", "1", "0.5", "12.25", "3.10"]),
    ),
    min_size=1,
    max_size=5,
)
stories = st.lists(changes, min_size=3, max_size=12)
steps = st.integers(1, 90)


def price_of(side, place):
    return f"{(1000 - place if side == 'bids' else 1000 + place) / 10:.1f}"


def picture_of(state):
    return tuple(
        sorted(state[side].items(), key=lambda row: Decimal(row[0]), reverse=side == "bids")
        for side in ("bids", "asks")
    )


def told(new_venue, story, step):
    """Return a snapshot and changes as the venue sends them, and the book after each."""
    venue = new_venue()
    state = {
        side: {price_of(side, place): "2.5" for place in (2, 7, 11)}
        for side in ("bids", "asks")
    }
    bids, asks = picture_of(state)
    messages = [venue.tell("snapshot", bids, asks, (bids, asks), step)]
    states = [(bids, asks)]
    for change in story:
        rows = {"bids": {}, "asks": {}}
        for side, place, quantity in change:
            price = price_of(side, place)
            if quantity == "0" and price not in state[side]:
                quantity = "7"  # nobody tells that nothing is gone
            rows[side][price] = quantity
        for side, changed in rows.items():
            for price, quantity in changed.items():
                state[side].pop(price, None)
                if quantity != "0":
                    state[side][price] = quantity
        lists = [[list(row) for row in rows[side].items()] for side in ("bids", "asks")]
        messages.append(venue.tell("update", *lists, picture_of(state), step))
        states.append(picture_of(state))
    return [json.dumps(each, separators=(",", ":")).encode() for each in messages], states


def play(decoder, messages):
    """Yield the book after each message, None while there is none, and the gaps so far."""
    book, gaps, ready = None, 0, False
    for number, message in enumerate(messages):
        for event in decoder.decode(message, number):
            if isinstance(event, MarketGap):
                gaps += 1
                ready = False
            elif isinstance(event, BookChange):
                book = book or OrderBook(event.instrument)
                assert book.apply(event)
                ready = True
        sides = book and (tuple(book.levels(Side.BUY)), tuple(book.levels(Side.SELL)))
        yield sides if ready else None, gaps


@pytest.mark.parametrize("venue", VENUES)
@given(story=stories, step=steps)
@settings(max_examples=40)
def test_a_told_book_is_the_book(venue, story, step):
    messages, states = told(venue, story, step)
    for (sides, gaps), (bids, asks) in zip(
        play(venue.new_decoder(), messages), states, strict=True
    ):
        assert gaps == 0
        assert sides == (tuple(bids), tuple(asks))


@pytest.mark.parametrize("venue", VENUES)
@given(story=stories, step=steps, data=st.data())
@settings(max_examples=40)
def test_a_dropped_message_is_always_a_gap_at_the_next_one(venue, story, step, data):
    messages, _ = told(venue, story, step)
    at = data.draw(st.integers(1, len(messages) - 2))
    del messages[at]
    played = list(play(venue.new_decoder(), messages))
    assert [gaps for _, gaps in played] == [
        int(index >= at) for index in range(len(played))
    ]
    assert all(sides is None for sides, _ in played[at:]), "no book until a snapshot"


@given(story=stories, step=steps, data=st.data())
@settings(max_examples=80)
def test_one_altered_digit_of_a_level_fails_the_checksum(story, step, data):
    messages, states = told(OkxWithChecksums, story, step)
    at = data.draw(st.integers(0, len(messages) - 1))
    end = messages[at].index(b'"ts"')
    # Of a removed level's row only the price is left to alter: "0" is what removes it.
    digits = [
        place
        for row in re.finditer(rb'\["([\d.]+)","([\d.]+)"', messages[at][:end])
        for group in ((1,) if row[2] == b"0" else (1, 2))
        for place in range(*row.span(group))
        if messages[at][place : place + 1].isdigit()
    ]
    place = data.draw(st.sampled_from(digits))
    old = messages[at][place : place + 1]
    new = b"%d" % data.draw(st.integers(1, 9).filter(lambda digit: b"%d" % digit != old))
    messages[at] = messages[at][:place] + new + messages[at][place + 1 :]
    decoder = Okx()
    played = list(play(decoder, messages[: at + 1]))
    truth = tuple(tuple(side) for side in states[at])
    assume(played[-1][0] != truth)  # told twice, or of a level removed by a later row
    assert played[-1][0] is None
    assert decoder.tally.checksum_failures == 1
    assert decoder.tally.checksums == at + 1


@pytest.mark.parametrize("venue", VENUES)
@given(story=stories, step=steps, data=st.data())
@settings(max_examples=60)
def test_whatever_becomes_of_messages_no_wrong_book_is_shown(venue, story, step, data):
    messages, states = told(venue, story, step)
    right = {tuple(map(tuple, sides)) for sides in states}
    harms = st.tuples(
        st.sampled_from(["drop", "repeat", "swap"]), st.integers(0, len(messages) - 1)
    )
    for harm, at in data.draw(st.lists(harms, min_size=1, max_size=4)):
        if harm == "drop" and at < len(messages):
            del messages[at]
        elif harm == "repeat" and at < len(messages):
            messages.insert(data.draw(st.integers(0, len(messages))), messages[at])
        elif at + 1 < len(messages):
            messages[at : at + 2] = messages[at + 1], messages[at]
    for sides, _ in play(venue.new_decoder(), messages):
        assert sides is None or sides in right
