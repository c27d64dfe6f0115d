"""Pages that belong to no organisation in particular."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import condition, require_safe

from hubs.colour import DEFAULT_COLOUR
from hubs.theme import etag, stylesheet

ONE_DAY = 86400


def _colour(request: HttpRequest) -> str:
    return getattr(getattr(request, "hub", None), "colour", "") or DEFAULT_COLOUR


@require_safe
@condition(etag_func=lambda request: etag(_colour(request)))
def theme_css(request: HttpRequest) -> HttpResponse:
    """Send the accent tokens of the request's hub, in light and in dark."""
    response = HttpResponse(stylesheet(_colour(request)), content_type="text/css; charset=utf-8")
    # The address carries the colour, so a hub that changes it is not shown the old one.
    response["Cache-Control"] = f"public, max-age={ONE_DAY}"
    return response
