"""A key of Kraken that asks for a second factor gets it at every private call."""

import base64

import pytest

from crossdock.adapters.venues.ccxt import family
from crossdock.adapters.venues.ccxt.exchanges.kraken_otp import one_time
from crossdock.errors import AuthFailed, ConfigError
from crossdock.model import ClientOrderId, OrderStatus
from crossdock.sandbox.faces.described import venue_of
from crossdock.toolkit import Secret

MANY = dict.fromkeys(("calls_most", "public_most", "orders_most"), 10_000)
PASSWORD = "an easy-to-guess one & = 1"
SEED = b"12345678901234567890"
SETUP_KEY = base64.b32encode(SEED).decode()
OURS = "d15708c1-dbb6-465d-b77d-47258319cc90"


@pytest.fixture
def kraken(faced):
    async def opened(passphrase, **otp):
        [main] = venue_of("kraken")["accounts"]
        keys = {"key": main["key"], "key_secret": Secret(main["secret"])}
        keys |= {name: Secret(value) for name, value in otp.items()}
        return await faced(
            "kraken",
            limits=MANY,
            settings=keys,
            accounts=[main | {"passphrase": passphrase}],
        )

    return opened


FACTORS = {
    "password": (PASSWORD, {"otp_password_secret": PASSWORD}),
    "app": (
        f"totp:{SETUP_KEY}",
        {"otp_setup_key_secret": f"{SETUP_KEY[:4].lower()} {SETUP_KEY[4:]}"},
    ),
}


@pytest.mark.parametrize("factor", FACTORS)
async def test_an_order_and_its_stream_go_with_the_second_factor(kraken, factor):
    passphrase, otp = FACTORS[factor]
    it = await kraken(passphrase, **otp)
    order = await it.order(client_order_id=ClientOrderId(OURS))
    async with it.watched() as told:
        await it.adapter.submit(order)
        await told.until(lambda: told.of(order))
    assert (await it.adapter.order(it.ref(order))).status is OrderStatus.NEW
    assert (await it.cancel(order)).status is OrderStatus.CANCELED


@pytest.mark.parametrize(
    "otp",
    [
        {},
        {"otp_password_secret": "another one"},
        {"otp_setup_key_secret": SETUP_KEY},
    ],
)
async def test_a_key_without_its_second_factor_is_refused(kraken, otp):
    it = await kraken(PASSWORD, **otp)
    with pytest.raises(AuthFailed):
        await it.adapter.balances()
    order = await it.order(client_order_id=ClientOrderId(OURS))
    with pytest.raises(AuthFailed):
        await it.adapter.submit(order)
    assert not (await it.truth())["orders"]


@pytest.mark.parametrize(
    "otp",
    [
        {"otp_password_secret": PASSWORD, "otp_setup_key_secret": SETUP_KEY},
        {"otp_setup_key_secret": "no-key-1"},
    ],
)
async def test_a_second_factor_that_cannot_be_is_said_before_anything_is_sent(kraken, otp):
    with pytest.raises(ConfigError) as refused:
        await kraken(PASSWORD, **otp)
    assert not any(value in str(refused.value) for value in otp.values())


# https://www.rfc-editor.org/rfc/rfc6238, appendix B: of eight digits, the last six.
@pytest.mark.parametrize(
    ("now_s", "digits"),
    [(59, "287082"), (1111111109, "081804"), (2000000000, "279037")],
)
def test_the_digits_are_those_of_the_published_vectors(now_s, digits):
    assert one_time(SEED, now_s) == digits


def test_the_second_factor_is_a_secret_setting_that_may_be_left_out():
    [manifest] = [it for it in family(None) if it.id == "kraken"]
    for name in ("otp_password_secret", "otp_setup_key_secret"):
        assert manifest.settings[name].default == ""
        assert manifest.settings[name].help
