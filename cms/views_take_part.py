"""Where an employer who is nobody's record yet says that it would like to take part."""

from __future__ import annotations

from django.core.cache import cache
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cms.forms_take_part import TakePartForm
from cms.shell import public_page, site_context
from employers import interests
from hubs.edges import caller
from hubs.errors import Refused

#: From one address an hour; several firms may share one.
MOST_AN_HOUR, HOUR = 5, 3600


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@public_page
def take_part(request):
    """GET shows the form; POST lands it on the hub's desk. A machine is thanked like anybody, and nothing is kept."""
    form = TakePartForm(request.POST or None, now=request.now)
    if request.method == "POST" and form.is_valid():
        try:
            if not form.is_a_machines:
                _count(request)
                interests.offer_to_take_part(request.hub, form.values(), now=request.now)
            return _page(request, None, _("Thank you"))
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
    return _page(request, form, _("We would like to take part"))


def _page(request, form: TakePartForm | None, title: str) -> TemplateResponse:
    context = {"title": title, "form": form, **site_context(request)}
    return TemplateResponse(request, "cms/take_part.html", context)


def _count(request) -> None:
    """Raise `Refused` when one address writes more than people do."""
    key = f"take-part:{request.hub.pk}:{caller(request)}"
    cache.add(key, 0, HOUR)
    try:
        count = cache.incr(key)
    except ValueError:
        return  # the cache is away: better a few too many than an offer lost
    if count > MOST_AN_HOUR:
        raise interests.CannotTakeMore(
            _("That were many at once from one place. Please write to the hub by e-mail instead.")
        )
