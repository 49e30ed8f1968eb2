"""`status --integrations`: with a desk, and after it has ended."""

import re


def test_calls_success_latency_and_limits_are_shown_and_outlive_the_desk(
    crossdock, venues, folder, start
):
    settings = venues.settings(folder, venues=("alpha",))
    with start(settings) as child:
        said = crossdock("--settings", settings, "status", "--integrations", "--json")
        assert said.json["mode"] == "paper"
        [row] = said.json["integrations"]
        assert row["account"] == "alpha"
        assert row["calls"] > 5
        assert row["success_pct"] == 100.0
        assert 0 < row["p50_ms"] <= row["p99_ms"]
        assert {quota["scope"] for quota in row["quotas"]} >= {"orders", "reads"}
        shown = crossdock("--settings", settings, "status", "--integrations").out
        assert re.search(r"alpha +127\.0\.0\.1:\d+ +\d+ +100 %", shown)
        child.end()
    after = crossdock("--settings", settings, "status", "--integrations", "--json").json
    assert after["running"] is False
    [kept] = after["integrations"]
    assert kept["calls"] == 0
    assert kept["month"]["calls"] >= row["calls"]


def test_a_month_that_is_none_is_refused(crossdock, venues, folder):
    settings = venues.settings(folder, venues=("alpha",))
    said = crossdock("--settings", settings, "status", "--month", "2026-13", "--json")
    assert (said.code, "2026-11" in said.error["message"]) == (2, True)
