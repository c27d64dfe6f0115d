"""The pages on which a hub words its messages: what is said today, what may be named, how it will look."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import View

from hubs.mail import in_frame
from hubs.models import MessageTemplate
from hubs.outbox import KINDS
from hubs.shipped import Shipped, may_be_worded, preview, shipped
from hubs.texting import may_text
from hubs.views_admin import CreateView, EditView, HubAccess, HubForm, staff_only
from hubs.views_demo import MAIL_POLICY
from hubs.wordings import wrong_with

SHORT = ("subject", "button", "text_line")


class WordingForm(HubForm):
    """Which kind and language it is stays as chosen: other words belong to another row."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        choices = may_be_worded()
        self.fields["kind"] = forms.ChoiceField(label=self.fields["kind"].label, choices=choices)
        for name in ("kind", "language"):
            given = getattr(self.instance, name)
            offered = [one for one in self.fields[name].choices if one[0] == given]
            self.fields[name].choices = offered or self.fields[name].choices
        if self.instance.kind in KINDS and not may_text(KINDS[self.instance.kind]):
            self.fields["text_line"].help_text = _("This kind goes by mail only; leave it empty.")

    def clean(self):
        given = super().clean()
        for name in ("subject", "body", "button", "text_line"):
            if sentence := wrong_with(given.get(name, ""), given.get("kind", ""), short=name in SHORT):
                self.add_error(name, sentence)
        return given


class Shows:
    """What stands beside the form: the names, and the shipped words to begin with."""

    @cached_property
    def kind(self) -> str:
        return self.form.instance.kind or self.request.POST.get("kind", "") or self.request.GET.get("kind", "")

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        language = self.form.instance.language or self.request.POST.get("language") or self.request.hub.language
        context["shown"] = shown = words_of(self.request, self.kind, language)
        context["kind"] = KINDS.get(self.kind)
        context["look_url"] = reverse("wordings:look")
        context["may_text"] = bool(shown) and may_text(KINDS[self.kind])
        return context


class AddWording(Shows, CreateView):
    """Without a kind: which messages there are. With one: its words as they are today, to be changed."""

    def get(self, request, *args, **kwargs):
        if request.GET.get("kind") not in dict(may_be_worded()):
            return self.choose(request)
        return super().get(request, *args, **kwargs)

    def choose(self, request):
        language = _language_of(request)
        own = dict(self.rows().filter(language=language).values_list("kind", "pk"))
        offered = [(KINDS[name], words, own.get(name)) for name, words in may_be_worded()]
        context = {
            "header_title": _("Wording of messages"), "header_icon": "edit", "offered": offered, "language": language,
            "languages": settings.CONTENT_LANGUAGES, "page_title": _("Wording of messages"),
        }  # fmt: skip
        return render(request, "hubs/admin/wording_choose.html", context)

    def get_initial_form_instance(self):
        row = super().get_initial_form_instance()
        if self.request.method != "GET":
            return row
        row.kind, row.language = self.request.GET["kind"], _language_of(self.request)
        if shown := words_of(self.request, row.kind, row.language):
            row.subject, row.body, row.button = shown.subject, shown.body, shown.button
            row.text_line = shown.text_line
        return row


class EditWording(Shows, EditView):
    """A wording that stands, beside the words it takes the place of."""


def _language_of(request) -> str:
    wanted = request.GET.get("language", "")
    return wanted if wanted in dict(settings.CONTENT_LANGUAGES) else request.hub.language


def words_of(request, kind: str, language: str) -> Shipped | None:
    return shipped(kind, language, request.hub, request.user.name, request.now)


class PreviewView(HubAccess, View):
    """The HTML alone, for the frame on the row's page."""

    def get(self, request, pk):
        return as_mail(request, get_object_or_404(self.rows(), pk=pk))


class LookView(HubAccess, View):
    """What stands in the form, as its reader would see it: for the frame beside the form, and nothing is kept."""

    def post(self, request):
        staff_only(request)
        given = {name: request.POST.get(name, "") for name in ("kind", "language", "subject", "body", "button")}
        row = MessageTemplate(hub=request.hub, **given, text_line=request.POST.get("text_line", ""))
        try:
            row.clean_fields(exclude=["changed_at"])
            if row.kind not in dict(may_be_worded()):
                raise ValidationError(_("Choose a message first."))
            said = {name: wrong_with(getattr(row, name), row.kind, short=name in SHORT) for name in (*SHORT, "body")}
            wrong = [sentence for sentence in said.values() if sentence]
        except ValidationError as refusal:
            wrong = refusal.messages
        if wrong:
            return _plain(render(request, "hubs/admin/wording_wrong.html", {"wrong": wrong}))
        return as_mail(request, row)


def as_mail(request, row: MessageTemplate) -> HttpResponse:
    mail = preview(row, request.hub, request.user.name, request.now)
    html = in_frame(mail, request.hub, request.user.email, name=request.user.name).alternatives[0][0]
    return _plain(HttpResponse(html))


def _plain(response: HttpResponse) -> HttpResponse:
    response["Content-Security-Policy"] = MAIL_POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    response._csp_exempt = True
    return response
