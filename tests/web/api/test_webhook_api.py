"""Alerts that a charting service posts, acted on by a desk that trades in the sandbox."""

import uuid

import pytest

from crossdock.web.identity.roles import Role


@pytest.fixture
def hook(site):
    """Post an alert to a webhook of a trader; returns status and answer."""
    trader = site.person(Role.TRADER)
    asked = {"name": "tv", "strategy": f"tv-{uuid.uuid4().hex[:6]}"}
    made = trader.post("/api/v1/signals/webhooks", json=asked)
    assert made.status_code == 201, made.text

    def post(**alert):
        reply = site.browser.post(made.json()["path"], json=alert)
        return reply.status_code, reply.json()

    return post


@pytest.mark.parametrize("by_id", [True, False])
@pytest.mark.parametrize(
    ("quantity", "outcome"), [("0.001", "ordered"), ("100000", "refused")]
)
def test_an_alert_that_comes_again_says_so_and_names_the_first(
    site, hook, by_id, quantity, outcome
):
    alert = {"ticker": "BTC/USDT@alpha", "action": "buy", "quantity": quantity}
    alert |= {"id": "one"} if by_id else {}
    status, first = hook(**alert)
    assert (status, first["outcome"], first["repeated"]) == (200, outcome, False)
    before = len(site.get("/api/v1/orders?all=true"))
    status, second = hook(**alert)
    assert (status, second) == (200, {**first, "repeated": True})
    assert len(site.get("/api/v1/orders?all=true")) == before


@pytest.mark.parametrize("ticker", ["BTCUSDT.P", "BYBIT:BTCUSDT.P", "BTCUSDTPERP"])
def test_a_ticker_of_another_kind_is_refused_with_what_to_write_instead(hook, ticker):
    status, told = hook(ticker=ticker, action="buy", quantity="0.001")
    assert (status, told["code"]) == (404, "unknown-symbol")
    assert "BTC/USDT@alpha" in told["hint"]


def test_an_exit_leaves_nothing_open_and_says_how_it_ended(site, hook):
    alert = {"ticker": "BTC/USDT@alpha", "quantity": "0.001"}
    _, entry = hook(**alert, action="buy", id="in")
    (bought,) = entry["order_ids"]
    site.until(
        "/api/v1/orders?all=true",
        lambda rows: [
            it for it in rows if (it["order_id"], it["status"]) == (bought, "Filled")
        ],
    )
    status, out = hook(**alert, action="flat", id="out")
    assert (status, out["outcome"], out["reasons"]) == (200, "ordered", [])
    assert "at market" in out["words"]
    site.until(
        "/api/v1/signals",
        lambda rows: (
            (out["correlation"], "closed")
            in [(it["correlation"], it["words"]) for it in rows]
        ),
    )
    orders = site.get("/api/v1/orders?all=true")
    sold = [it for it in orders if it["correlation"] == out["correlation"]]
    assert sum(float(it["cumulative_quantity"]) for it in sold) == 0.001
