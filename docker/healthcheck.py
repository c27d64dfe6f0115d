"""Asks this container's own web process whether it can do its work; for HEALTHCHECK."""

import os
import sys
import urllib.error
import urllib.request

# The host must be one the site answers for; "." in front means any subdomain.
HOST = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].lstrip(".")


def main() -> int:
    request = urllib.request.Request("http://127.0.0.1:8000/readyz", headers={"Host": HOST})
    try:
        with urllib.request.urlopen(request, timeout=4) as response:
            return 0 if response.status == 200 else 1
    except (urllib.error.URLError, OSError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
