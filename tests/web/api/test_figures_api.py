"""Health, and figures for machines that watch."""

import re

from prometheus_client.parser import text_string_to_metric_families

from crossdock.web.identity.roles import Access


def figures(site):
    reply = site.ask("GET", "/metrics", access=Access.VIEW)
    assert reply.status_code == 200, reply.text
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(reply.text)
        for sample in family.samples
    }


def test_health_needs_no_sign_in(site):
    reply = site.browser.get("/health")
    assert reply.status_code == 200
    assert reply.json() == {
        "status": "ok",
        "platform": "ok",
        "desk": "ok",
        "database": "ok",
        "redis": "unused",
    }


def test_requests_are_measured_by_the_template_of_their_route(site):
    key = (
        "crossdock_request_seconds_count",
        (("method", "GET"), ("route", "/api/v1/orders/{order_id}/story")),
    )
    before = figures(site).get(key, 0)
    for order in ("one", "another"):
        site.ask("GET", f"/api/v1/orders/{order}/story")
    after = figures(site)
    assert after[key] == before + 2
    assert not any("another" in value for _, labels in after for _, value in labels)


def test_what_is_not_there_makes_no_series_of_its_own(site):
    for path in ("/one", "/another"):
        site.browser.get(f"/api/v1{path}")
    routes = {dict(labels).get("route") for _, labels in figures(site)}
    assert "(none)" in routes and "/api/v1/one" not in routes


def test_the_desks_figures_are_there(site):
    told = figures(site)
    assert told["crossdock_desk_up", ()] == 1
    assert told["crossdock_desk_killed", ()] == 0
    assert told["crossdock_desk_journal_writable", ()] == 1
    assert told["crossdock_account_ready", (("account", "alpha"),)] == 1
    assert told["crossdock_push_clients", ()] == 0
    streams = {labels for name, labels in told if name == "crossdock_stream_gaps_total"}
    assert {dict(labels)["account"] for labels in streams} == {"alpha", "beta"}


def test_figures_are_for_those_who_may_look(site):
    assert site.browser.get("/metrics").status_code == 401
    assert site.ask("GET", "/metrics", access=Access.PUSH).status_code == 403


def test_the_integration_status_tells_how_fresh_the_data_is(site):
    told = site.get("/integration-status", access=Access.VIEW)
    assert told["platform"]["connected"]
    assert re.match(r"unix:/", told["platform"]["address"])
    names = {row["instrument"] for row in told["data_freshness"]}
    assert {"BTC/USDT@alpha", "BTC/USDT@beta"} <= names
    assert told["last_update_ns"] and told["websocket_clients"] == 0
