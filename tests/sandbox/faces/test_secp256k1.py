"""The curve's arithmetic, against another implementation."""

import coincurve
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.sandbox.faces.secp256k1 import (
    compressed,
    is_low,
    is_signed_by,
    public_point,
    signing_point,
)

numbers = st.integers(1, 2**252)
digests = st.binary(min_size=32, max_size=32)
few = settings(max_examples=20, deadline=None)
ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141


def signed(number, digest):
    key = coincurve.PrivateKey(number.to_bytes(32, "big"))
    made = key.sign_recoverable(digest, hasher=None)
    r, s = (int.from_bytes(made[at : at + 32], "big") for at in (0, 32))
    return key, r, s, made[64] == 1


@few
@given(number=numbers, digest=digests)
def test_another_implementation_agrees_on_keys_and_signatures(number, digest):
    key, r, s, is_odd = signed(number, digest)
    point = public_point(key.secret)
    assert compressed(point) == key.public_key.format(compressed=True)
    assert is_signed_by(point, digest, r, s)
    assert signing_point(digest, r, s, is_odd=is_odd) == point


@few
@given(number=numbers, digest=digests, other=digests)
def test_a_signature_is_of_one_digest_and_one_key(number, digest, other):
    key, r, s, _ = signed(number, digest)
    assert is_signed_by(public_point(key.secret), other, r, s) is (other == digest)
    stranger = public_point((number + 1).to_bytes(32, "big"))
    assert not is_signed_by(stranger, digest, r, s)


@few
@given(number=numbers, digest=digests)
def test_of_the_two_that_sign_the_lower_s_is_told(number, digest):
    key, r, s, _ = signed(number, digest)
    assert is_low(s)
    assert not is_low(ORDER - s)
    assert is_signed_by(public_point(key.secret), digest, r, ORDER - s)
