"""How properties are tried, and how many tests at a time."""

import os

from hypothesis import settings

# As often as each property says, and never against a clock.
settings.register_profile("crossdock", deadline=None)
settings.load_profile("crossdock")


def pytest_xdist_auto_num_workers():
    """More than there are cores: half of what tests do is to wait for other processes."""
    return 1 + (os.cpu_count() or 1)
