import re
from pathlib import Path

from crossdock.app.pages.venues import venues_page
from crossdock.app.venues import venues

PAGE = Path(__file__).parents[3] / "docs/reference/venues.md"


def test_the_page_of_venues_is_the_one_the_catalogue_makes():
    assert PAGE.read_text("utf-8") == venues_page(venues()), "run make docs"


def test_the_page_has_a_section_for_each_venue_and_a_source_for_each_fact():
    page = venues_page(venues())
    heads = re.findall(r"^## (.+)$", page, re.MULTILINE)
    assert {venue.name for venue in venues()} <= set(heads)
    assert len(heads) == len(set(heads))
    rows = re.findall(
        r"^\| [^|]+ \| .+ \| \d{4}-\d\d-\d\d \| \[.+\]\(.+\) \|$", page, re.MULTILINE
    )
    assert len(rows) == sum(len(venue.facts) for venue in venues())
