"""What another trading platform shows itself with on a Crossdock dashboard."""

from crossdock.client.platform import PlatformClient

__all__ = ["PlatformClient"]
