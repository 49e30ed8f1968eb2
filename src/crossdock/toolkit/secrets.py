"""Secrets: values that never print, where they are read from, and how text is scrubbed."""

from __future__ import annotations

import base64
import json
import os
import re
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from crossdock.errors import ConfigError

MASK = "***"
_SHORTEST_MASKED = 4  # shorter values would blank out ordinary words everywhere


class Secret:
    """A value that shows itself only to `reveal()`.

    Not a `str`, so that neither formatting, joining nor encoding can leak it; it cannot be
    pickled or copied into a message either.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled or copied; hand the object itself on")


class Masker:
    """Scrubs every registered secret, in each form it travels in, from any text.

    Forms: plain, percent-encoded in whole or in part, escaped in JSON, in hex, and in
    base64, also as a part of a longer base64 text (`user:secret` in a header).
    """

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._patterns: dict[str, int] = {}  # and how long a text each one stands for
        self._any: re.Pattern[str] | None = None
        for secret in secrets:
            self.add(secret)

    def add(self, secret: Secret) -> None:
        """Register a secret. Values under four characters are too common to scrub."""
        value = secret.reveal()
        if len(value) < _SHORTEST_MASKED:
            return
        self._patterns["".join(map(_character_pattern, value))] = len(value)
        for form in _encoded_forms(value.encode()):
            if len(form) >= _SHORTEST_MASKED:
                self._patterns["".join(map(_character_pattern, form))] = len(form)
        # Longest first: a form that holds another must be tried before it.
        ordered = sorted(self._patterns, key=lambda text: (-self._patterns[text], text))
        self._any = re.compile("|".join(ordered))

    def scrub(self, text: str) -> str:
        return text if self._any is None else self._any.sub(MASK, text)

    def scrub_bytes(self, data: bytes) -> bytes:
        """Scrub UTF-8, and let bytes that are not pass as they are."""
        text = data.decode("utf-8", "surrogateescape")
        return self.scrub(text).encode("utf-8", "surrogateescape")

    def __repr__(self) -> str:
        return f"Masker({len(self._patterns)} forms)"


def _character_pattern(character: str) -> str:
    """Match a character plain, percent-encoded or escaped in JSON."""
    if character.isascii() and character.isalnum():
        return character
    percent = "".join(f"%{byte:02x}" for byte in character.encode())
    units = character.encode("utf-16-be").hex()
    escapes = "".join(
        rf"\\u{units[start : start + 4]}" for start in range(0, len(units), 4)
    )
    forms = [re.escape(character), f"(?i:{percent})", f"(?i:{escapes})"]
    short = re.escape(json.dumps(character)[1:-1])
    forms += [short, re.escape("\\/")] if character == "/" else [short]
    if character == " ":
        forms.append(r"\+")
    return f"(?:{'|'.join(dict.fromkeys(forms))})"


def _encoded_forms(raw: bytes) -> set[str]:
    forms = {raw.hex(), raw.hex().upper()}
    # In a longer base64 text the secret begins at one of three alignments. The characters
    # it shares with its neighbours differ, those between are always the same.
    for lead in range(3):
        first = (lead * 8 + 5) // 6
        last = (lead + len(raw)) * 8 // 6
        padded = b"\0" * lead + raw
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            forms.add(encode(padded).decode()[first:last])
    return forms


def read_secret(
    name: str,
    settings: Mapping[str, str | Secret],
    environ: Mapping[str, str],
    base_path: Path,
    *,
    prefix: str = "CROSSDOCK",
) -> Secret:
    """Read one secret from the place the user chose, or raise ConfigError.

    In order: `name` in the settings; `name_file`, a path relative to `base_path` that
    only its owner may read; the variable `PREFIX_NAME`. The first two together are refused.
    """
    secret = find_secret(name, settings, environ, base_path, prefix=prefix)
    if secret is None:
        places = f"{name}, {name}_file or the variable {_variable(prefix, name)}"
        raise ConfigError(f"{name} is missing", hint=f"set {places}")
    return secret


def find_secret(
    name: str,
    settings: Mapping[str, str | Secret],
    environ: Mapping[str, str],
    base_path: Path,
    *,
    prefix: str = "CROSSDOCK",
) -> Secret | None:
    """Do as `read_secret`, but return None when no place has it."""
    file_key = f"{name}_file"
    given = settings.get(name)
    file_name = settings.get(file_key)
    if given is not None and file_name is not None:
        raise ConfigError(f"{name} and {file_key} are both set: keep one of them")
    if given is not None:
        secret = given if isinstance(given, Secret) else Secret(given)
        return _not_empty(secret, name)
    if file_name is not None:
        return _from_file(file_key, base_path / str(file_name))
    variable = _variable(prefix, name)
    if variable in environ:
        return _not_empty(Secret(environ[variable]), f"the variable {variable}")
    return None


def _variable(prefix: str, name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", f"{prefix}_{name}".upper())


def _not_empty(secret: Secret, where: str) -> Secret:
    if not secret.reveal().strip():
        raise ConfigError(f"{where} is empty")
    return secret


def _from_file(key: str, path: Path) -> Secret:
    where = f"{key}: {path}"
    try:
        with path.open("rb") as file:
            # The mode of what was opened, so that a swap in between changes nothing.
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            content = file.read()
    except FileNotFoundError:
        raise ConfigError(f"{where} does not exist") from None
    except IsADirectoryError:
        raise ConfigError(f"{where} is a directory, expected a file") from None
    except PermissionError:
        raise ConfigError(f"{where} cannot be read by this user") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(
            f"{where} may be read or changed by others (mode {mode:04o})",
            hint=f"run: chmod 600 {path}",
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"{where} is not UTF-8 text") from None
    return _not_empty(Secret(text.rstrip("\r\n")), where)
