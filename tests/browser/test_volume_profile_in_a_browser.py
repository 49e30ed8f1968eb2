"""The chart's volume by price, beside what the API's candles add up to."""

import re
from fractions import Fraction

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import WAIT_MS
from tests.browser.hands import fits

ROWS = 24
PHONE = {"width": 390, "height": 844}
TOLD = re.compile(r"POC ([\d.]+)\s*value area ([\d.]+)–([\d.]+)")
COUNTED = re.compile(r"Volume by price of the (\d+) bars in sight: the volume of 5m bars,")


def open_chart(open_page, timeframe, **terms):
    page = open_page("/trade?symbol=BTC/USDT@alpha", **terms)
    times = page.get_by_role("group", name="timeframe")
    times.get_by_role("button", name=timeframe, exact=True).click()
    page.get_by_role("img", name=f"candles of BTC/USDT@alpha, {timeframe}").wait_for()
    return page


def switch_of(page):
    return page.get_by_role("button", name="volume profile")


def words_of(page):
    return page.get_by_role("note", name="volume profile")


def ask(page, path):
    answer = page.request.get(page.url.partition("/trade")[0] + "/api/v1/market/" + path)
    assert answer.ok, answer.text()
    return answer.json()


def levels(bars, tick):
    """Return point of control, low and high of the value area: row by row, in fractions."""
    spread = [
        (
            Fraction(str(low)) - tick / 2,
            Fraction(str(high)) + tick / 2,
            Fraction(str(volume)),
        )
        for _, _, high, low, _, volume in bars
        if volume
    ]
    bottom, top = min(low for low, _, _ in spread), max(high for _, high, _ in spread)
    assert top - bottom > ROWS * tick, "rows of less than a tick are for another test"
    step = (top - bottom) / ROWS
    edges = [bottom + step * row for row in range(ROWS + 1)]
    rows = [
        sum(
            volume
            * max(Fraction(0), min(high, edge + step) - max(low, edge))
            / (high - low)
            for low, high, volume in spread
        )
        for edge in edges[:-1]
    ]
    assert sum(rows) == sum(volume for _, _, volume in spread)
    first = last = rows.index(max(rows))
    control = edges[first] + step / 2
    while sum(rows[first : last + 1]) < sum(rows) * Fraction(7, 10):
        if last + 1 < ROWS and (first == 0 or rows[last + 1] >= rows[first - 1]):
            last += 1
        else:
            first -= 1
    return control, edges[first] + tick / 2, edges[last + 1] - tick / 2


def told_by(page):
    """Return how many bars the page says it counted, and the levels it found."""
    words = words_of(page)
    expect(words).to_have_attribute("title", COUNTED)
    count = int(COUNTED.search(words.get_attribute("title"))[1])
    return count, [Fraction(each) for each in TOLD.search(words.inner_text()).groups()]


def expected_of(page, count):
    """Return the hour that goes on, and the levels of so many hours up to it, as the API has it."""
    chart = ask(page, "candles/BTC/USDT@alpha?timeframe=1h&last=500")
    hours = [*chart["bars"], *filter(None, [chart["forming"]])][-count:]
    begin, end = int(hours[0][0]), int(chart["bars"][-1][0]) + 3600
    within = f"timeframe=5m&last={(end - begin) // 300}&end_ns={end * 10**9}"
    narrow = ask(page, f"candles/BTC/USDT@alpha?{within}")["bars"]
    assert len(narrow) > 1000
    tick = Fraction(ask(page, "ladder/BTC/USDT@alpha")["tick"])
    return end, levels(narrow, tick), tick


def test_it_tells_of_the_hours_in_sight_by_their_five_minute_bars(open_page):
    page = open_chart(open_page, "1h")
    switch, words = switch_of(page), words_of(page)
    expect(switch).to_have_attribute("aria-pressed", "false")
    expect(words).to_have_count(0)
    switch.focus()
    page.keyboard.press("Enter")
    expect(switch).to_have_attribute("aria-pressed", "true")

    count, told = told_by(page)
    hour, expected, tick = expected_of(page, count)
    if expected_of(page, count)[0] != hour or told_by(page)[0] != count:
        page.reload()  # an hour ended while both were read
        count, told = told_by(page)
        hour, expected, tick = expected_of(page, count)
    for found, wanted in zip(told, expected, strict=True):
        assert abs(found - wanted) <= tick


def test_it_follows_what_is_in_sight_and_is_remembered(open_page):
    page = open_chart(open_page, "1h")
    words = words_of(page)
    switch_of(page).click()
    expect(words).to_contain_text("of 5m bars")
    before = words.get_attribute("title")
    page.get_by_role("img", name="candles of BTC/USDT@alpha, 1h").hover()
    page.mouse.wheel(0, -600)
    expect(words).not_to_have_attribute("title", before)
    page.reload()
    expect(switch_of(page)).to_have_attribute("aria-pressed", "true")
    expect(words).to_contain_text("POC")
    switch_of(page).click()
    expect(words).to_have_count(0)


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_it_is_drawn_at_the_right_edge(open_page, scheme):
    page = open_chart(open_page, "1h")
    if scheme == "light":
        page.get_by_role("button", name="Light theme").click()
    page.mouse.move(0, 0)
    bare = painted(page, least=CANDLES)
    switch_of(page).click()
    expect(words_of(page)).to_contain_text("of 5m bars")
    assert painted(page, least=bare + ROWS_COVER) >= bare + ROWS_COVER
    switch_of(page).click()
    expect(words_of(page)).to_have_count(0)
    assert painted(page, most=bare + ROWS_COVER / 2) <= bare + ROWS_COVER / 2


CANDLES, ROWS_COVER = 0.01, 0.1  # of the right third


def painted(page, least=0.0, most=1.0):
    """Wait until so much of the right third of the candles' pane is painted; return how much."""
    chart = page.get_by_role("img", name="candles of BTC/USDT@alpha, 1h")
    return chart.evaluate(PAINTED, [least, most, WAIT_MS])


# By the pane's lowest canvas, which is painted some frames after the words beside it.
PAINTED = """(chart, [least, most, wait]) => new Promise(done => {
    const end = performance.now() + wait
    const look = () => {
        const canvas = chart.querySelector("td:nth-child(2) canvas")
        const [x, width] = [Math.floor(canvas.width * 2 / 3), Math.floor(canvas.width / 3)]
        const {data} = canvas.getContext("2d").getImageData(x, 0, width, canvas.height)
        const opaque = data.filter((value, at) => at % 4 === 3 && value > 0).length
        const share = opaque / (data.length / 4)
        if ((share >= least && share <= most) || performance.now() > end) done(share)
        else setTimeout(look, 100)
    }
    look()
})"""


def test_it_has_room_on_a_phone(open_page):
    page = open_chart(open_page, "1m", viewport=PHONE, is_mobile=True)
    switch_of(page).click()
    words = words_of(page)
    expect(words).to_contain_text("of 1m bars")
    told, chart = (
        words.bounding_box(),
        page.get_by_role("img", name="candles").bounding_box(),
    )
    assert told["x"] >= chart["x"]
    assert told["x"] + told["width"] <= chart["x"] + chart["width"]
    fits(page)
