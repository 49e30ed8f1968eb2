"""Runs a module as `python -m` does, and ends with the process that holds the other end.

    python leash.py FD MODULE ARGUMENTS…

FD is the end to read of a pipe. Whoever has the other end open never writes: it closes when
that process ends, in whatever way, and then this one is over as well.
"""

import os
import runpy
import sys
import threading


def _hold(end: int) -> None:
    os.read(end, 1)
    os._exit(1)


threading.Thread(target=_hold, args=(int(sys.argv[1]),), daemon=True).start()
sys.argv = sys.argv[2:]
sys.path[0] = os.getcwd()
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
