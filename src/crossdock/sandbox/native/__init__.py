"""The sandbox's own protocol, as `docs/reference/sandbox-protocol.md` defines it."""
