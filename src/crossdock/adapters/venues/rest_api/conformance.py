"""The sandbox, described, as the suite's subject: see crossdock.conformance.subjects.

Only its REST face is asked. Other descriptions have no peer here: their brokers do.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crossdock.adapters.venues.rest_api import manifest_of
from crossdock.ports import Manifest

FACES: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "rest_api:sandbox-rest": {
        "rest": {
            "face": "native",
            # There is no stream that could lose a change.
            "unseen": ["market_gap"],
        }
    }
}

_FILE = Path(__file__).parents[5] / "docs" / "examples" / "sandbox-rest.toml"


def examples() -> list[Manifest]:
    """Return what the family is asked with where no member is installed."""
    return [manifest_of(_FILE)] if _FILE.is_file() else []
