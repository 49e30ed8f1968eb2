"""The questions every adapter is asked: `pytest --pyargs crossdock.conformance`.

docs/how-to/write-an-adapter.md tells how an adapter brings what it is asked with.
"""
