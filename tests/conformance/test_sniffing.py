"""Messages are cut out of a byte stream whichever way the bytes arrive."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.conformance.sniffing import Kind, Sniffer, text_frame

REQUEST = b"POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
GET = b"GET /v1/time?a=1 HTTP/1.1\r\nHost: x\r\n\r\n"
REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
EMPTY = b"HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n"


def masked(payload, first=0x81):
    key = b"\x01\x02\x03\x04"
    body = bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))
    length = len(payload)
    if length < 126:
        return bytes((first, 0x80 | length)) + key + body
    return bytes((first, 0x80 | 126)) + length.to_bytes(2, "big") + key + body


def cut(data, places):
    edges = [0, *sorted({place % (len(data) + 1) for place in places}), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


@given(
    st.lists(
        st.sampled_from([REQUEST, GET, REPLY, CHUNKED, EMPTY]), min_size=1, max_size=6
    ),
    st.lists(st.integers(0, 10_000), max_size=8),
)
@settings(max_examples=150)
def test_http_messages_are_whole_however_the_bytes_are_split(messages, places):
    sniffer = Sniffer()
    seen = [it for part in cut(b"".join(messages), places) for it in sniffer.feed(part)]
    assert [it.raw for it in seen] == messages
    assert {it.kind for it in seen} == {Kind.HTTP}
    assert sniffer.rest() == b""


@given(
    st.lists(st.binary(max_size=300), min_size=1, max_size=6),
    st.lists(st.integers(0, 10_000), max_size=8),
)
@settings(max_examples=150)
def test_frames_are_whole_and_unmasked_however_the_bytes_are_split(payloads, places):
    sniffer = Sniffer()
    sniffer.to_frames()
    data = b"".join(masked(payload) for payload in payloads)
    seen = [it for part in cut(data, places) for it in sniffer.feed(part)]
    assert [it.body for it in seen] == payloads
    assert b"".join(it.raw for it in seen) == data


@pytest.mark.parametrize("length", [0, 125, 126, 65535, 65536, 70000])
def test_frames_of_any_length_are_read_back(length):
    sniffer = Sniffer()
    sniffer.to_frames()
    [message] = sniffer.feed(text_frame(b"x" * length))
    assert (message.kind, len(message.body)) == (Kind.WS, length)


def test_pings_are_told_from_data():
    sniffer = Sniffer()
    sniffer.to_frames()
    [ping, data] = sniffer.feed(masked(b"", 0x89) + masked(b"{}"))
    assert (ping.kind, data.kind) == (Kind.WS_CONTROL, Kind.WS)


def test_compression_is_not_asked_for():
    sniffer = Sniffer()
    asked = GET.replace(
        b"Host: x", b"Host: x\r\nAccept-Encoding: gzip\r\nSec-WebSocket-Extensions: deflate"
    )
    [message] = sniffer.feed(asked)
    assert message.raw == GET


def test_reads_are_told_from_writes():
    sniffer = Sniffer()
    read, write = sniffer.feed(GET + REQUEST)
    assert read.is_read
    assert not write.is_read
    assert write.names("hello")
    assert write.names("/v1/orders")
    assert not write.names("Host")


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_a_small_number_is_known_in_the_hex_of_a_transaction(number):
    written = b"\x15" + number.to_bytes(4, "little")
    asked = b"GET /send?tx=0x%s HTTP/1.1\r\nHost: x\r\n\r\n" % written.hex().encode()
    [message] = Sniffer().feed(asked)
    assert message.names(str(number))
    assert not message.names(str(number ^ 2**31))


@given(st.binary(min_size=1, max_size=200).filter(lambda it: not it[:1].isalpha()))
@settings(max_examples=100)
def test_bytes_of_another_protocol_pass_as_they_are(data):
    sniffer = Sniffer()
    seen = list(sniffer.feed(data + b"\r\n\r\n"))
    assert b"".join(it.raw for it in seen) + sniffer.rest() == data + b"\r\n\r\n"


def test_fix_messages_pass_as_they_are():
    data = b"8=FIX.4.4\x019=5\x0135=0\x0110=163\x01"
    [message] = Sniffer().feed(data)
    assert (message.kind, message.raw) == (Kind.RAW, data)
    assert message.names("35=0")
