"""What a program does, as whoever is signed in: what a test needs before, and gives back after."""

import secrets


class Refused(AssertionError):
    """The API said no."""

    def __init__(self, answer):
        super().__init__(f"{answer.url} answered {answer.status}: {answer.text()}")
        self.told = answer.json()


class Api:
    def __init__(self, request, url):
        self._request = request
        self._url = f"{url}/api/v1"
        self._csrf = self.get("/session")["csrf_token"]

    def get(self, path, **asked):
        return self._told(self._request.get(self._url + path, params=asked))

    def send(self, method, path, **body):
        return self._told(self.try_send(method, path, **body))

    def try_send(self, method, path, **body):
        """Send a write, and return its answer even where it is a refusal."""
        return self._request.fetch(
            self._url + path,
            method=method,
            data=body,
            headers={
                "X-CSRF-Token": self._csrf,
                "Idempotency-Key": secrets.token_hex(16),
            },
        )

    def _told(self, answer):
        if not answer.ok:
            raise Refused(answer)
        return answer.json() if answer.body() else None
