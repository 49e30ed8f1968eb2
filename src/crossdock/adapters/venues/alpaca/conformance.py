"""The sandbox's Alpaca face, with which the suite asks: see crossdock.conformance.subjects."""

from collections.abc import Mapping
from typing import Any

FACES: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "alpaca": {
        "stocks": {
            "face": "alpaca",
            "markets": [
                {
                    "symbol": "TRY/USD",
                    "ticks": [["0", "0.0001"], ["1", "0.01"]],
                    "quantity_step": "1",
                    "min_quantity": "1",
                    "min_notional": "0",
                    "maker_fee": "0",
                    "taker_fee": "0",
                }
            ],
            "start": 2000,
            "quantity": 2,
            "funds": {"USD": "1000000", "TRY": "100"},
            "settings": {
                "url": "{url}",
                "data_url": "{url}",
                "stream_url": "{url}",
                "key": "{key}",
                "key_secret": "{secret}",
            },
            "unseen": ["stream_missing", "market_gap"],
        }
    }
}
