"""A worker of a `Crew`: reads pickles from standard input, answers on standard output."""

from __future__ import annotations

import os
import pickle
import sys


def main() -> None:
    """Work until the other side is gone."""
    # What a strategy prints must not come between the pickles.
    with os.fdopen(os.dup(1), "wb") as answers, os.fdopen(os.dup(0), "rb") as pieces:
        os.dup2(2, 1)
        try:
            work = pickle.load(pieces)  # noqa: S301  from whoever started this worker
            while True:
                result = work(pickle.load(pieces))  # noqa: S301
                pickle.dump(result, answers, pickle.HIGHEST_PROTOCOL)
                answers.flush()
        except (EOFError, BrokenPipeError):
            # The other side is gone. Closing would flush into it once more.
            sys.stderr.flush()
            os._exit(0)


if __name__ == "__main__":
    main()
