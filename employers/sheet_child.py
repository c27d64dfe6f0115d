"""The other end of `importing.keep_list`: limits itself, reads one table, writes JSON. Run as
``python -m employers.sheet_child``; the first line of input is a header, the rest the file. Knows no Django."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from hubs.limits import limit_self


def main() -> int:
    header = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    limit_self(int(header["cpu_seconds"]), int(header["memory_bytes"]))
    # Imported after the limits on purpose: the libraries that read are part of what is limited.
    from employers.sheet_reading import read_sheet
    from hubs.sheets import CannotReadSheet

    try:
        answer = {"read": asdict(read_sheet(data))}
    except CannotReadSheet as refusal:
        answer = {"refused": {"code": refusal.code, "facts": refusal.facts}}
    except (MemoryError, RecursionError):
        answer = {"refused": {"code": "bomb", "facts": {}}}
    sys.stdout.write(json.dumps(answer))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
