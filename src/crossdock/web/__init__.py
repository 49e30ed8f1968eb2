"""The web dashboard and the API: a process of its own that asks the desk.

Needs the extra `dashboard`. `application.create_application` is the whole of it as one
ASGI application; `serving.serve` runs it.
"""
