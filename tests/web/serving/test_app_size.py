"""The web app is small, whatever is added to it."""

import gzip

import pytest

from crossdock.web.site import BUILT

MOST_BYTES = 400_000  # of all pages together, as a browser is sent them


def test_the_whole_app_is_under_four_hundred_kilobytes():
    if not (BUILT / "index.html").is_file():
        pytest.skip("the web app is not built: run `make site`")
    files = [f for f in BUILT.rglob("*") if f.suffix in {".js", ".css", ".html"}]
    assert sum(len(gzip.compress(f.read_bytes(), 9)) for f in files) < MOST_BYTES
