"""Badges in public: the page of one, what machines read of it, and a page where anybody checks one."""

from __future__ import annotations

import re
import textwrap

from django import forms
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from cms.shell import public_page, site_context
from employers import badges, framing
from employers.models import Badge, BadgeKey
from hubs.colour import theme
from hubs.forms import PlainWords
from hubs.languages import frame

BAKED = re.compile(r'<openbadges:credential verify="([A-Za-z0-9_.-]+)"')
MOST_BYTES = 60_000


class CheckForm(PlainWords, forms.Form):
    """A badge as somebody holds it: its text, or the picture that carries it."""

    text = forms.CharField(
        label=gettext_lazy("The badge's text"), required=False, max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "autocapitalize": "off"}),
        help_text=gettext_lazy("Three long parts with dots between them."),
    )  # fmt: skip
    file = forms.FileField(
        label=gettext_lazy("Or its picture"), required=False, help_text=gettext_lazy("The SVG file with the badge.")
    )

    def clean(self) -> dict:
        given = super().clean() or {}
        if not given.get("text") and not given.get("file"):
            raise forms.ValidationError(_("Paste the badge's text, or choose its picture."))
        if given.get("file") and not given.get("text"):
            found = BAKED.search(given["file"].read(MOST_BYTES).decode("utf-8", errors="replace"))
            if found is None:
                raise forms.ValidationError({"file": _("There is no badge in this file.")})
            given["text"] = found.group(1)
        return given


def _shown(request, uid) -> Badge:
    """A badge whose text and picture may be given out: 404 once it is withdrawn."""
    found = badges.public_badge(request.hub, uid)
    if found is None or found.state == "withdrawn":
        raise Http404
    return found


def _open_to_readers(response: HttpResponse) -> HttpResponse:
    """Other sites' verifiers read it in the browser; there is nothing of a person in it."""
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
@public_page
def badge(request, uid):
    """What it says, what it does not, and whether it holds today. 410 and no name once withdrawn."""
    found = badges.public_badge(request.hub, uid)
    if found is None:
        raise Http404
    standing = badges.standing_of(found, request.now)
    context = {"title": _("Badge"), "standing": standing, **site_context(request)}
    if standing == "withdrawn":
        return TemplateResponse(request, "cms/badge_over.html", context, status=410)
    framework = framing.document_of(found.assessment.framework, frame(request.hub.language))
    context |= {
        "title": badges.name_on(found),
        "badge": found,
        "framework": framework,
        "standards": [one.name for one in framework.standards()],
        "true": badges.check(request.hub, found.credential, now=request.now).claims is not None,
    }
    return TemplateResponse(request, "cms/badge.html", context)


@require_safe
@public_page
def text(request, uid):
    return _open_to_readers(HttpResponse(_shown(request, uid).credential, content_type="text/plain; charset=utf-8"))


@require_safe
@public_page
def image(request, uid):
    """A picture that carries the signed text, as Open Badges 3.0 bakes it into SVG."""
    found = _shown(request, uid)
    framework = framing.document_of(found.assessment.framework, frame(request.hub.language))
    employer = badges.name_on(found)
    context = {
        "badge": found,
        "employer": employer,
        "framework": framework,
        # As many letters as fit the width; the whole names stand in the signed text.
        "standards": textwrap.shorten(str(framework), 22, placeholder="…"),
        "lines": textwrap.wrap(employer, 20)[:3],
        "by": textwrap.wrap(request.hub.name, 28)[:2],
        "colour": theme(request.hub.colour).light,
    }
    drawn = render_to_string("cms/badge.svg", context)
    return _open_to_readers(HttpResponse(drawn, content_type="image/svg+xml"))


@require_safe
@public_page
def issuer(request):
    return _open_to_readers(JsonResponse(badges.profile(request.hub)))


@require_safe
@public_page
def revoked(request):
    return _open_to_readers(JsonResponse(badges.revoked(request.hub)))


@require_safe
@public_page
def key(request, kid: str):
    found = get_object_or_404(BadgeKey, hub=request.hub, kid=kid)
    return _open_to_readers(JsonResponse({**found.public, "kid": badges.key_address(request.hub, found.kid)}))


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def check(request):
    """Anybody checks a badge against this hub's keys; nothing of what is sent is kept."""
    sent = request.method == "POST"
    form = CheckForm(*((request.POST, request.FILES) if sent else ()))
    found = None
    if sent and form.is_valid():
        found = badges.check(request.hub, form.cleaned_data["text"], now=request.now)
    context = {"title": _("Check a badge"), "form": form, "found": found, **site_context(request)}
    return TemplateResponse(request, "cms/badge_check.html", context)
