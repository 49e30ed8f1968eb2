"""The picture in the README: a real run of the demo with one kill, as SVG."""

from __future__ import annotations

import asyncio
import io
import re
from pathlib import Path

from rich.console import Console

from crossdock.app.demo import Demo
from crossdock.cli.view.screen import screen

SIZE = (136, 40)
AFTER_KILL_S = 2.0
_FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


async def take_picture(demo: Demo, file: Path, seconds: float) -> None:
    """Run a demo for a while, kill its desk once, and draw what is then seen."""
    async with demo:
        await asyncio.sleep(seconds)
        await demo.kill_and_recover()
        await asyncio.sleep(AFTER_KILL_S)
        look = await demo.look()
    console = Console(
        record=True, file=io.StringIO(), width=SIZE[0], height=SIZE[1], force_terminal=True
    )
    console.print(screen(look, SIZE, keys=demo.keys, recovery=demo.recovery))
    # Rich's drawing fetches its font from a host on the web; the reader's own will do.
    drawn = _FONT_FACE.sub("", console.export_svg(title="crossdock demo"))
    await asyncio.to_thread(_write, file, drawn)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
