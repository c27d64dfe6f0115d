"""The demonstration's mail, in the browser: every signed link can be followed from here.

Shows everybody's mail to anybody, so it answers 404 unless DEMO is on, and a production
deployment refuses to start with it.
"""

from __future__ import annotations

import re
from functools import wraps

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from hubs import mailbox
from hubs.mail import message_id
from hubs.models import Message
from hubs.outbox import kind_words

# No script, no form, nothing fetched; a link may open, in the window around the frame.
MAIL_POLICY = (
    "sandbox allow-top-navigation-by-user-activation; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)
#: How wide the mail is shown, by its name in the address; the style sheet knows the same names.
WIDTHS = {"phone": gettext_lazy("On a phone"), "desk": gettext_lazy("At a desk")}
LANGUAGES = dict(settings.CONTENT_LANGUAGES)
_OUR_ID = re.compile(r"^<m(\d{1,18})\.")


def demo_only(view):
    @wraps(view)
    @require_safe
    def inner(request, *args, **kwargs):
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return inner


@demo_only
def mail_list(request):
    """Newest first, all or those to one address (`?to=`)."""
    mails = mailbox.newest(500)
    recipients = sorted({mail.to for mail in mails})
    chosen = request.GET.get("to", "")
    shown = [mail for mail in mails if not chosen or mail.to == chosen]
    part = {
        "before": _("Mail to"),
        "name": "to",
        "label": _("Recipient"),
        "value": chosen,
        "options": [("", _("everybody")), *((address, address) for address in recipients)],
    }
    context = {
        "title": _("Outgoing mail"),
        "page": Paginator(shown, 50).get_page(request.GET.get("page")),
        "parts": [part],
        "chosen": chosen,
        "second_factor": settings.HUB_STAFF_NEED_MFA,
    }
    return render(request, "hubs/demo_mail.html", context)


@csp_update({"frame-src": [SELF]})
@demo_only
def mail_one(request, key):
    """One mail as its reader sees it, on a telephone or at a desk, as plain text, and what each of its rows
    went through."""
    mail, width = _mail(key), request.GET.get("width", "")
    context = {
        "title": mail.subject,
        "mail": mail,
        "rows": [(row, kind_words(row.kind), LANGUAGES.get(row.language, row.language)) for row in _rows_of(mail)],
        "widths": WIDTHS,
        "chosen": width if width in WIDTHS else "phone",
    }
    return render(request, "hubs/demo_mail_one.html", context)


@xframe_options_sameorigin
@demo_only
def mail_html(request, key):
    """The HTML part alone, for the frame."""
    # Links open in the whole window: inside the frame the page they lead to could do nothing.
    html = _mail(key).html.replace("<head>", '<head><base target="_top">', 1)
    response = HttpResponse(html)
    response["Content-Security-Policy"] = MAIL_POLICY
    return response


@demo_only
def mail_attachment(request, key, number):
    found = mailbox.attachment(key, number)
    if found is None:
        raise Http404
    response = HttpResponse(found.content, content_type=found.mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{_plain(found.name)}"'
    return response


def _mail(key: str) -> mailbox.Received:
    mail = mailbox.read(key)
    if mail is None:
        raise Http404
    return mail


def _rows_of(mail: mailbox.Received) -> list[Message]:
    """The outbox rows that went in a mail, by its Message-ID: several in a digest, none behind a sign-in mail."""
    named = _OUR_ID.match(mail.message_id)
    if not named:
        return []
    same = Q(provider_id=mail.message_id) | Q(pk=named.group(1))
    rows = Message.objects.filter(same).prefetch_related("history").order_by("pk")
    return [row for row in rows if mail.message_id in (row.provider_id, message_id(row))]


def _plain(name: str) -> str:
    return re.sub(r"[^\w. -]", "_", name)
