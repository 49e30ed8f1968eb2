"""Accounts that cannot trade, each for one reason: told, quarantined alone, refused."""

import pytest

ASTRAY = {
    # name: (venue, the line that is wrong, words that must be said)
    "wrong-key": ("alpha", 'key = "nobody"', "AuthFailed"),
    "wrong-secret": ("alpha", 'key_secret = "not-the-secret-0"', "AuthFailed"),
    "wrong-host": ("alpha", 'url = "http://no-such-venue.invalid"', "Unreachable"),
    "refused-port": ("alpha", 'url = "http://127.0.0.1:9"', "Unreachable"),
    "clock-off": ("beta", 'venue = "clock-off"', "clock"),
}


def table(name, venues):
    venue, wrong, _ = ASTRAY[name]
    lines = {
        "adapter": 'adapter = "sandbox"',
        "url": f'url = "{venues.addresses["venues"][venue]}"',
        "key": f'key = "sandbox-{venue}"',
        "key_secret": f'key_secret = "sandbox-{venue}-secret"',
    }
    lines[wrong.partition(" ")[0]] = wrong
    return f"\n[accounts.{name}]\n" + "\n".join(lines.values()) + "\n"


def test_each_says_why_is_quarantined_alone_and_takes_no_order(
    crossdock, child, until_trading, own_venues, folder
):
    own_venues.act("beta", "clock_step", seconds=3600)
    tail = "".join(table(name, own_venues) for name in ASTRAY)
    settings = own_venues.settings(folder, venues=("gamma",), tail=tail)
    with child("crossdock", "--settings", settings, "run") as desk:
        for name in ASTRAY:
            desk.until(f"account-away: {name} is quarantined")
        until_trading(settings, accounts=1)
        status = crossdock("--settings", settings, "status", "--json").json
        why = {each["account"]: each["reason"] for each in status["accounts"]}
        told = crossdock("--settings", settings, "status").out
        for name, (_, _, words) in ASTRAY.items():
            refused = crossdock(
                *("--settings", settings, "buy", "BTC/USDT", "0.01"),
                *("--account", name, "--json"),
            )
            assert refused.code == 4, name
            assert refused.error["code"] == "account-away", name
            assert words in refused.error["message"] + why[name], name
            assert name in told
        good = crossdock("--settings", settings, "buy", "BTC/USDT@gamma", "0.01", "--json")
        examined = crossdock("--settings", settings, "doctor", "--json")
        code, said = desk.end()
    assert good.json["status"] == "Filled"
    assert examined.code == 5
    assert examined.json["problems"] == len(ASTRAY)
    assert code == 0
    assert "Traceback" not in said


def test_kill_without_a_desk_says_which_venues_it_could_not_reach(
    crossdock, start, own_venues, folder
):
    settings = own_venues.settings(folder)
    with start(settings) as desk:
        crossdock("--settings", settings, "buy", "BTC/USDT@alpha", "0.01")
        desk.end()
    away = ["--set", "accounts.alpha.url=http://127.0.0.1:9"]
    killed = crossdock("--settings", settings, *away, "kill", "--ready-s", "2", "--json")
    assert killed.code == 4
    assert list(killed.json["away"]) == ["alpha"]
    assert killed.json["positions"] == ["alpha 0.01 BTC/USDT@alpha"]


@pytest.mark.parametrize("name", ["wrong-secret"])
def test_no_secret_is_said_anywhere(crossdock, child, own_venues, folder, name):
    tail = table(name, own_venues)
    settings = own_venues.settings(folder, venues=("gamma",), tail=tail)
    with child("crossdock", "--settings", settings, "run", "--debug") as desk:
        desk.until(f"account-away: {name} is quarantined")
        shown = crossdock("--settings", settings, "config", "show", "--origin").out
        desk.end()
        said = "".join(desk.lines)
    logged = "".join(file.read_text() for file in (folder / "logs").iterdir())
    for text in (shown, said, logged):
        assert "not-the-secret-0" not in text
        assert "sandbox-gamma-secret" not in text
    assert "***" in shown
