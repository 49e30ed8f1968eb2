"""Who signed an action: against what was published, and against another implementation.

Keys, actions and signatures are those of
https://github.com/hyperliquid-dex/hyperliquid-python-sdk/blob/master/tests/signing_test.py
(2026-11-21).
"""

import json

import coincurve
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.sandbox.faces.hyperliquid.signing.action import action_hash, signer
from crossdock.sandbox.faces.hyperliquid.signing.addresses import address_of, signer_of
from crossdock.sandbox.faces.hyperliquid.signing.keccak import keccak256
from crossdock.sandbox.faces.refusals import Refusal

KEY = bytes.fromhex("0123456789" * 6 + "0123")
VAULT = "0x1719884eb866cb12b2287399b15f7db5e7d775ea"
DUMMY = {"type": "dummy", "num": 100_000_000_000}


def order(**more):
    placed = {"a": 1, "b": True, "p": "100", "s": "100", "r": False}
    placed |= {"t": {"limit": {"tif": "Gtc"}}} | more
    return {"type": "order", "orders": [placed], "grouping": "na"}


PUBLISHED = [
    (
        DUMMY,
        None,
        "0x53749d5b30552aeb2fca34b530185976545bb22d0b3ce6f62e31be961a59298",
        "0x755c40ba9bf05223521753995abb2f73ab3229be8ec921f350cb447e384d8ed8",
        27,
    ),
    (
        order(),
        None,
        "0xd65369825a9df5d80099e513cce430311d7d26ddf477f5b3a33d2806b100d78e",
        "0x2b54116ff64054968aa237c20ca9ff68000f977c93289157748a3162b6ea940e",
        28,
    ),
    (
        order(c="0x00000000000000000000000000000001"),
        None,
        "0x41ae18e8239a56cacbc5dad94d45d0b747e5da11ad564077fcac71277a946e3",
        "0x3c61f667e747404fe7eea8f90ab0e76cc12ce60270438b2058324681a00116da",
        27,
    ),
    (
        order(t={"trigger": {"isMarket": True, "triggerPx": "103", "tpsl": "sl"}}),
        None,
        "0x98343f2b5ae8e26bb2587daad3863bc70d8792b09af1841b6fdd530a2065a3f9",
        "0x6b5bb6bb0633b710aa22b721dd9dee6d083646a5f8e581a20b545be6c1feb405",
        27,
    ),
    (
        DUMMY,
        VAULT,
        "0x3c548db75e479f8012acf3000ca3a6b05606bc2ec0c29c50c515066a326239",
        "0x4d402be7396ce74fbba3795769cda45aec00dc3125a984f2a9f23177b190da2c",
        28,
    ),
]


def body(action, r, s, v, **more):
    signature = {"r": r, "s": s, "v": v}
    return json.dumps(
        {"action": action, "nonce": 0, "signature": signature} | more
    ).encode()


@pytest.mark.parametrize(("action", "vault", "r", "s", "v"), PUBLISHED)
def test_published_signatures_are_their_keys(action, vault, r, s, v):
    assert signer(body(action, r, s, v, vaultAddress=vault)) == address_of(KEY)


@pytest.mark.parametrize(("action", "vault", "r", "s", "v"), PUBLISHED)
def test_whatever_is_changed_is_signed_by_somebody_else(action, vault, r, s, v):
    ours = address_of(KEY)
    for changed in (
        body(action, r, s, 55 - v, vaultAddress=vault),
        body(action | {"more": 1}, r, s, v, vaultAddress=vault),
        body(action, r, s, v, vaultAddress=vault, nonce=1),
        body(action, r, s, v, vaultAddress=vault, expiresAfter=0),
    ):
        assert signer(changed) != ours


def test_the_order_of_fields_is_signed():
    turned = dict(reversed(DUMMY.items()))
    assert action_hash(DUMMY, 0, None, None) != action_hash(turned, 0, None, None)


def test_a_published_hash_is_made():
    placed = {"a": 4, "b": True, "p": "1670.1", "s": "0.0147", "r": False}
    placed["t"] = {"limit": {"tif": "Ioc"}}
    action = {"type": "order", "orders": [placed], "grouping": "na"}
    assert action_hash(action, 1_677_777_606_040, None, None).hex() == (
        "0fcbeda5ae3c4950a548021552a4fea2226858c4453571bf3f24ba017eac2908"
    )


def test_what_is_no_signature_is_refused():
    for r, s, v in (("0x0", "0x1", 27), ("0x1", "0x1", 26), ("nothing", "0x1", 27)):
        with pytest.raises(Refusal):
            signer(body(DUMMY, r, s, v))


@settings(max_examples=25, deadline=None)
@given(number=st.integers(1, 2**252), digest=st.binary(min_size=32, max_size=32))
def test_another_implementation_agrees_on_who_signed(number, digest):
    key = coincurve.PrivateKey(number.to_bytes(32, "big"))
    public = key.public_key.format(compressed=False)[1:]
    made = key.sign_recoverable(digest, hasher=None)
    r, s = (int.from_bytes(made[at : at + 32], "big") for at in (0, 32))
    expected = "0x" + keccak256(public)[-20:].hex()
    assert address_of(key.secret) == expected
    assert signer_of(digest, r, s, 27 + made[64]) == expected


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
    ],
)
def test_digests_are_those_of_ethereum(text, digest):
    """https://eips.ethereum.org/EIPS/eip-1052 and Ethereum's own tests have them."""
    assert keccak256(text).hex() == digest


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=600))
def test_another_implementation_agrees_on_digests(data):
    keccak = pytest.importorskip("ccxt.static_dependencies.keccak")
    assert keccak256(data) == keccak.SHA3(data)
