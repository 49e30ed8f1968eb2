"""Who may call: signatures, nonces, rights."""

import json
from pathlib import Path

import pytest

from crossdock.sandbox.faces.kraken.auth import signature

VECTORS = Path("../shared/data/signatures/vectors.json")
SHARED = pytest.mark.skipif(not VECTORS.exists(), reason=f"{VECTORS} is not there")


@SHARED
def test_the_documented_example_is_signed_as_documented():
    rows = json.loads(VECTORS.read_text())
    [vector] = [it for it in rows if it["exchange"] == "kraken"]
    given = vector["input"]
    signed = signature(
        given["secret"].encode(), given["path"], given["nonce"], given["body"].encode()
    )
    assert signed == vector["expected"]


async def test_a_call_without_a_key_is_refused(bench):
    headers = {"API-Key": "nobody"}
    assert await bench.main.refused("Balance", headers=headers) == "EAPI:Invalid key"


async def test_a_wrong_signature_is_refused_and_does_nothing(bench):
    headers = {"API-Sign": "AAAA"}
    words = await bench.main.refused("CancelAll", headers=headers)
    assert words == "EAPI:Invalid signature"


async def test_a_changed_body_is_refused(bench):
    signed = bench.main.headers("/0/private/Balance", 5, b"nonce=5")
    words = await bench.main.refused("Balance", nonce=5, headers=signed, asset="XBT")
    assert words == "EAPI:Invalid signature"


@pytest.mark.parametrize("nonce", [7, 6, 0, -1, "seven", 1 << 64])
async def test_a_nonce_that_does_not_rise_is_refused(bench, nonce):
    await bench.main.ask("Balance", nonce=7)
    assert await bench.main.refused("Balance", nonce=nonce) == "EAPI:Invalid nonce"
    assert await bench.main.ask("Balance", nonce=8)


async def test_each_key_has_its_own_nonces(bench):
    await bench.main.ask("Balance", nonce=1000)
    assert await bench.other.ask("Balance", nonce=1)


async def test_a_body_of_json_is_signed_as_it_was_sent(bench):
    assert await bench.main.ask("Balance", as_json=True)


async def test_a_key_that_may_not_trade_reads_only(bench):
    words = await bench.reader.refused("CancelAll")
    assert words == "EGeneral:Permission denied"
    assert await bench.reader.ask("OpenOrders") == {"open": {}}


@pytest.mark.parametrize(
    ("account", "trades", "withdraws"),
    [("main", True, False), ("other", True, True), ("reader", False, False)],
)
async def test_a_key_is_told_its_rights(bench, account, trades, withdraws):
    info = await getattr(bench, account).ask("GetApiKeyInfo", nonce=42)
    assert info["apiKey"] == f"{account}-key"
    assert info["nonce"] == "42"
    assert ("modify-trades" in info["permissions"]) == trades
    assert ("withdraw-funds" in info["permissions"]) == withdraws


async def test_a_revoked_key_is_an_invalid_one(bench):
    await bench.act("revoke_key", account="main")
    assert await bench.main.refused("Balance") == "EAPI:Invalid key"


async def test_an_unknown_method_is_refused(bench):
    async with bench.session.post(f"{bench.url}/0/private/Nothing") as reply:
        assert await reply.json() == {"error": ["EGeneral:Unknown method"]}
