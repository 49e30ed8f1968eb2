"""Where another process finds a strategy's class."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from crossdock.errors import ConfigError

SCRIPT_MODULE = "__crossdock_worker__"


@dataclass(frozen=True, slots=True)
class Place:
    """A class in an importable module, or in the script that was started."""

    name: str
    module: str = ""
    script: str = ""

    def load(self) -> type[Any]:
        if self.script:
            found: Any = _run_script(self.script)[self.name]
        else:
            found = import_module(self.module)
            for part in self.name.split("."):
                found = getattr(found, part)
        made: type[Any] = found
        return made


def place_of(strategy: type[Any]) -> Place:
    """Return where a class is. Raises ConfigError for one that is in no file of its own."""
    module, name = strategy.__module__, strategy.__qualname__
    if "<locals>" not in name:
        if module != "__main__":
            return Place(name, module=module)
        script = getattr(sys.modules["__main__"], "__file__", None)
        if script and "." not in name:
            return Place(name, script=str(Path(script).resolve()))
    raise ConfigError(
        f"worker processes cannot find the class {name}: it is in no file of its own",
        code="bad-argument",
        hint='put it into a module and name it "module:Class", or say workers=1',
    )


def refuse_inside_script() -> None:
    """Raise ConfigError when a script is being run for its classes only."""
    if SCRIPT_MODULE in sys.modules:
        raise ConfigError(
            "a grid was asked for while a worker read the script for its strategy",
            code="bad-argument",
            hint="put the call under `if __name__ == '__main__':`",
        )


def _run_script(script: str) -> Mapping[str, Any]:
    """Run a script under another name, so that what its main guard keeps is passed by."""
    spec = spec_from_file_location(SCRIPT_MODULE, script)
    assert spec is not None, "a script that is being run is a file of Python"
    assert spec.loader is not None, "and Python knows how to load it"
    module = module_from_spec(spec)
    sys.modules[SCRIPT_MODULE] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[SCRIPT_MODULE]
        raise
    return vars(module)
