"""`python -m crossdock`: the command line."""

import sys

from crossdock.cli import main

if __name__ == "__main__":
    sys.exit(main())
