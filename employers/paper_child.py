"""The other end of `files.checked`: limits itself, looks at one paper, writes JSON. Run as
``python -m employers.paper_child``; the first line of input is a header, the rest the file. Knows no Django."""

from __future__ import annotations

import json
import sys

from hubs.limits import limit_self


def main() -> int:
    header = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    limit_self(int(header["cpu_seconds"]), int(header["memory_bytes"]))
    # Imported after the limits on purpose: the libraries that read are part of what is limited.
    from employers.papers import CannotKeep, inspect

    try:
        answer = {"mimetype": inspect(data)}
    except CannotKeep as refusal:
        answer = {"refused": refusal.code}
    except (MemoryError, RecursionError):
        answer = {"refused": "bomb"}
    sys.stdout.write(json.dumps(answer))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
