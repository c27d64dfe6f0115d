#!/bin/sh
# Nothing starts in an unsafe environment: config/checks.py says what is wrong and how to mend it.
set -eu
python manage.py check --deploy --fail-level ERROR >&2
exec "$@"
