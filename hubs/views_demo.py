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
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from hubs import mailbox
from hubs.mail import message_id
from hubs.models import Message

# No script, no form, nothing fetched; a link may open, in the window around the frame.
MAIL_POLICY = (
    "sandbox allow-top-navigation-by-user-activation; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)
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
    """One mail as its reader sees it, as plain text, and what its row went through."""
    mail = _mail(key)
    message = _row_of(mail)
    context = {
        "title": mail.subject,
        "mail": mail,
        "message": message,
        "history": message.history.all() if message else (),
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


def _row_of(mail: mailbox.Received) -> Message | None:
    """The outbox row behind a mail, found by its Message-ID; sign-in mails have none."""
    named = _OUR_ID.match(mail.message_id)
    row = Message.objects.filter(pk=named.group(1)).prefetch_related("history").first() if named else None
    return row if row and message_id(row) == mail.message_id else None


def _plain(name: str) -> str:
    return re.sub(r"[^\w. -]", "_", name)
