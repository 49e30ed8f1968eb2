"""How properties are tried: as often as each says, and never against a clock."""

from hypothesis import settings

settings.register_profile("crossdock", deadline=None)
settings.load_profile("crossdock")
