"""What the adapter signs is signed as the exchanges' published examples are."""

import base64
import hashlib
import hmac
import json
from decimal import Decimal
from urllib.parse import parse_qs

import pytest
from tests.adapters.venues.ccxt.recorded.exchange import DATA, SIGNATURES, opened

from crossdock.errors import AdapterError, OutcomeUnknown
from crossdock.model import ClientOrderId, OrderType, Side
from crossdock.ports import NewOrder

pytestmark = pytest.mark.skipif(
    not SIGNATURES.is_file() or not DATA.is_dir(),
    reason="the recorded collection is not here (../shared/data)",
)

VECTORS = json.loads(SIGNATURES.read_text()) if SIGNATURES.is_file() else []
IDS = {
    "binance": "cd-signed",
    "binanceusdm": "cd-signed",
    "kraken": "d15708c1-dbb6-465d-b77d-47258319cc90",
}


def binance(secret, query):
    return hmac.new(secret.encode(), query.encode(), hashlib.sha256).hexdigest()


def kraken(secret, path, nonce, body):
    inner = path.encode() + hashlib.sha256((nonce + body).encode()).digest()
    key = base64.b64decode(secret)
    return base64.b64encode(hmac.new(key, inner, hashlib.sha512).digest()).decode()


SCHEMES = {"binance": binance, "kraken": kraken}


def published(exchange):
    return [it for it in VECTORS if it["exchange"] == exchange]


@pytest.mark.parametrize("exchange", SCHEMES)
def test_the_published_examples_come_out(exchange):
    assert published(exchange)
    for vector in published(exchange):
        assert SCHEMES[exchange](**vector["input"]) == vector["expected"]


async def signed_order(exchange, recorded, symbol, secret):
    """Send one order and return the request as it came."""
    async with opened(
        recorded, manifest_id=exchange, settings={"key_secret": secret}
    ) as it:
        instrument = it.instruments[symbol]
        order = NewOrder(
            client_order_id=ClientOrderId(IDS[exchange]),
            instrument=instrument,
            side=Side.BUY,
            type=OrderType.LIMIT,
            quantity=instrument.quantity_step * 1000,
            limit_price=Decimal(100),
            deadline_ns=it.deadline(),
        )
        with pytest.raises(AdapterError):
            await it.adapter.submit(order)
        (asked,) = it.server.asked
        return asked


@pytest.mark.parametrize(
    ("exchange", "symbol"),
    [("binance", "LTC/USDT"), ("binanceusdm", "LTC/USDT:USDT")],
)
async def test_binance_orders_are_signed_over_exactly_what_is_sent(exchange, symbol):
    secret = published("binance")[0]["input"]["secret"]
    asked = await signed_order(exchange, "binance", symbol, secret)
    query, _, signature = asked.body.rpartition("&signature=")
    assert signature == binance(secret, query)
    assert "timestamp" in parse_qs(query)
    assert parse_qs(query)["recvWindow"] == ["5000"]
    assert secret not in asked.body


async def test_kraken_orders_are_signed_over_path_nonce_and_body():
    secret = published("kraken")[0]["input"]["secret"]
    asked = await signed_order("kraken", "kraken", "BTC/USDT", secret)
    nonce = parse_qs(asked.body)["nonce"][0]
    assert asked.headers["API-Sign"] == kraken(secret, asked.path, nonce, asked.body)


async def test_an_order_said_by_get_is_a_write_and_in_doubt_when_nothing_comes_back():
    async with opened("deribit") as it:
        instrument = it.instruments["BTC/USDT"]
        order = NewOrder(
            client_order_id=ClientOrderId("cd-by-get"),
            instrument=instrument,
            side=Side.BUY,
            type=OrderType.LIMIT,
            quantity=instrument.quantity_step,
            limit_price=Decimal(100),
            deadline_ns=it.deadline(),
        )
        with pytest.raises(OutcomeUnknown):
            await it.adapter.submit(order)
        assert [asked.path for asked in it.server.asked] == ["/api/v2/private/buy"]
