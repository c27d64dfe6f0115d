"""What a page says when the database had no turn for it: try again, with everything typed.

A lock that was not given within `lock_timeout`, a statement over `statement_timeout` and a
deadlock all end here. The transaction is rolled back by then, so that nothing half-done is kept.
The API says the same as a problem (`hubs.problems`).
"""

from __future__ import annotations

from django.db import OperationalError
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

#: PostgreSQL: lock not available, statement cancelled, deadlock, could not serialise.
SQLSTATES = frozenset({"55P03", "57014", "40P01", "40001"})
SQLITE = ("database is locked", "database table is locked")
RETRY_AFTER = 2  # seconds
STATUS = 503
#: A field longer than this, or more of them, is not sent back: the person goes back instead.
MOST_FIELDS, LONGEST = 500, 20_000


def is_busy(error: BaseException) -> bool:
    """Whether trying again may help, as opposed to a database that is broken or away."""
    if not isinstance(error, OperationalError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state in SQLSTATES or any(words in str(error) for words in SQLITE)


class BusyMiddleware:
    """The inmost middleware that answers errors of views; pages by link and the back office alike."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        return busy_page(request) if is_busy(exception) else None


def busy_page(request) -> HttpResponse:
    """Asks the database nothing: it may still be as busy as it was."""
    context = {
        "title": _("Busy just now"),
        "again": request.get_full_path(),
        "sent": request.method == "POST",
        "fields": _typed(request),
    }
    # Without the request: its context processors read who is signed in.
    response = HttpResponse(render_to_string("hubs/busy.html", context), status=STATUS)
    response["Retry-After"] = str(RETRY_AFTER)
    response["Cache-Control"] = "no-store"
    return response


def _typed(request) -> list[tuple[str, str]]:
    """What was sent, to be sent again with one press; nothing when files were among it."""
    if request.method != "POST" or request.FILES:
        return []
    pairs = [(name, value) for name, values in request.POST.lists() for value in values]
    fits = len(pairs) <= MOST_FIELDS and all(len(value) <= LONGEST for _name, value in pairs)
    return pairs if fits else []
