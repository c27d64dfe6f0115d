"""Runs one of `up`'s processes so that it cannot outlive `up`, on Linux and macOS alike.

`python -m config.leash FD MODULE [ARGUMENTS]` runs MODULE in this very process. FD is the read
end of a pipe whose write end only the supervisor holds and never writes to: the read returns
when the supervisor is gone, however it went, and the whole process group then follows it.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time
import warnings

GRACE = 3.0  # seconds to finish what is in hand before being killed


def watch(pipe: int) -> None:
    """Block until the other end closes, then end this process group."""
    while os.read(pipe, 1):
        pass
    group = os.getpgrp()
    os.killpg(group, signal.SIGTERM)
    time.sleep(GRACE)
    os.killpg(group, signal.SIGKILL)


def main() -> None:
    pipe, module, *arguments = sys.argv[1:]
    threading.Thread(target=watch, args=(int(pipe),), daemon=True, name="leash").start()
    # In a container everything is root's, and a demo that begins with a warning looks broken.
    warnings.filterwarnings("ignore", message="You.re running the worker with superuser", category=UserWarning)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
