"""The views of the back office: each starts from this hub's rows and this hub's roles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.ui.components import MediaContainer
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import Button

from hubs.actors import Actor, actor_for
from hubs.errors import CannotAct, Refused
from hubs.log import record
from hubs.models import HUB_ROLES, HUB_STAFF, LogEntry
from hubs.moves import open_moves
from hubs.narrowing import narrow, narrow_form
from hubs.scoping import HubOwned

READ_ONLY = {"view": HUB_ROLES}
LOG_LINES = 30


def hub_actor(request) -> Actor:
    """Who acts in the back office: a person of the hub, for the hub, on nobody's behalf."""
    actor = actor_for(request.user, request.hub, None, via="page")
    if actor is None:
        raise Http404
    return actor


class HubAccess:
    """First base of every view: this hub's rows, this hub's roles, this hub's clock."""

    who: dict[str, frozenset[str]] = READ_ONLY
    rows_of: Callable | None = None

    def dispatch(self, request, *args, **kwargs):
        # Wagtail turns a refusal into a redirect to its home page; people and clients are
        # better served by the plain truth.
        with timezone.override(request.hub.zone):
            try:
                response = super().dispatch(request, *args, **kwargs)
                return response.render() if hasattr(response, "render") else response
            except PermissionDenied:
                return render(request, "hubs/admin/denied.html", status=403)

    def setup(self, request, *args, **kwargs):
        if not request.hub:
            raise Http404
        super().setup(request, *args, **kwargs)

    def rows(self) -> models.QuerySet:
        return self.rows_of(self.request)

    def user_has_permission(self, permission: str) -> bool:
        return self.user_has_any_permission([permission])

    def user_has_any_permission(self, permissions: Iterable[str]) -> bool:
        hat = hub_actor(self.request).hat
        return hat == "superuser" or any(hat in self.who.get(p, ()) for p in permissions)

    def user_has_permission_for_instance(self, permission: str, instance: models.Model) -> bool:
        return self.user_has_permission(permission)


class HubFilterSet(WagtailFilterSet):
    """Filters whose choices are this hub's own."""

    def __init__(self, data=None, queryset=None, *, request=None, prefix=None):
        super().__init__(data, queryset, request=request, prefix=prefix)
        for one in self.filters.values():
            if getattr(one, "queryset", None) is not None:
                one.queryset = narrow(one.get_queryset(request), request.hub)


class HubForm(WagtailAdminModelForm):
    """The hub is set before validation, so that a constraint over it is a sentence beside the
    form and not an error page."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if spoken := self.fields.get("language"):
            choices = list(settings.CONTENT_LANGUAGES)
            if not spoken.required:
                choices.insert(0, ("", gettext_lazy("the hub's")))
            self.fields["language"] = forms.ChoiceField(
                label=spoken.label, choices=choices, required=spoken.required, initial=spoken.initial
            )

    def _get_validation_exclusions(self):
        return super()._get_validation_exclusions() - {"hub"}


class IndexView(HubAccess, generic.IndexView):
    base_filterset_class = HubFilterSet

    def get_base_queryset(self):
        return self.rows()

    def search_queryset(self, queryset):
        if self.is_searching and hasattr(queryset, "search"):
            return queryset.search(self.search_query)
        return super().search_queryset(queryset)

    def get_list_more_buttons(self, instance):
        return []  # the title leads to the row, and the row has the buttons

    def get_list_buttons(self, instance):
        return []

    def get_edit_url(self, instance):
        return None

    def render_to_response(self, context, **kwargs):
        if self.is_export:
            raise Http404
        return super().render_to_response(context, **kwargs)


class Keeps:
    """Saving by form: a domain verb where there is one, else the row and its log entry in one
    transaction. What the verb refuses is a sentence above the form."""

    kept = "changed"
    keep: Callable | None = None  # (hub or row, fields, *, by, now)

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        narrow_form(form, self.request.hub)
        return form

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except CannotAct as refusal:
            raise PermissionDenied from refusal
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            self.produced_error_message = self.get_error_message()
            return self.form_invalid(form)

    def save_instance(self):
        by, now = hub_actor(self.request), self.request.now
        self.has_content_changes = self.form.has_changed()
        if self.keep is not None:
            return self.ask_domain(by=by, now=now)
        # Plain facts have no rule beyond their constraints, which the form has asked already.
        with transaction.atomic():
            row = self.form.save()
            record(row, self.kept, by=by, now=now, fields=sorted(self.form.changed_data))
        return row

    def ask_domain(self, *, by: Actor, now: dt.datetime) -> models.Model:
        row, given = self.form.instance, self.form.cleaned_data
        self.keep(row, {name: given[name] for name in self.form.changed_data}, by=by, now=now)
        return row

    def get_success_url(self):
        if self.inspect_url_name:
            return reverse(self.inspect_url_name, args=[self.object.pk])
        return super().get_success_url()

    def get_success_buttons(self):
        return []


class CreateView(HubAccess, Keeps, generic.CreateView):
    kept = "added"
    inspect_url_name: str | None = None

    def get_initial_form_instance(self):
        return self.model(hub_id=self.request.hub.pk)

    def ask_domain(self, *, by: Actor, now: dt.datetime) -> models.Model:
        return self.keep(self.request.hub, self.form.cleaned_data, by=by, now=now)


class EditView(HubAccess, Keeps, generic.EditView):
    closed_of: Callable | None = None

    def get_queryset(self):
        return self.rows()

    def dispatch(self, request, *args, **kwargs):
        if self.closed_of and self.user_has_permission("change"):
            row = get_object_or_404(self.rows(), pk=kwargs["pk"])
            if sentence := self.closed_of(row):
                messages.warning(request, sentence)
                return HttpResponseRedirect(reverse(self.inspect_url_name, args=[row.pk]))
        return super().dispatch(request, *args, **kwargs)

    def get_side_panels(self):
        return MediaContainer([])

    @cached_property
    def can_delete(self) -> bool:
        return False


@dataclass(frozen=True)
class Verb:
    """One thing staff may do to a row, by a domain verb.

    `to` is the state it leads to: the button shows when the row's `MOVES` allow it; `when`
    narrows the states it starts from, `suits` the rows, `who` the roles. `run` is called with
    (row, text, by=, now=), and with seen= where `mark` says of a row what its reader saw.
    `binding` says what follows from it.
    """

    name: str
    label: str
    binding: str
    run: Callable
    to: str = ""
    when: tuple[str, ...] = ()
    asks: str = ""
    must_ask: bool = False
    tone: str = ""
    who: frozenset[str] = HUB_STAFF
    suits: Callable[[models.Model], bool] = lambda row: True
    mark: Callable[[models.Model], str] | None = None
    fill: Callable[[models.Model], str] = lambda row: ""  # what stands in the field at first

    def button(self, url: str, row: models.Model) -> dict:
        url = f"{url}?{urlencode({'seen': self.mark(row)})}" if self.mark else url
        return {"name": self.name, "label": self.label, "tone": self.tone, "url": url}

    def open_for(self, row: models.Model, by: Actor) -> bool:
        if self.when and row.state not in self.when:
            return False
        return self.suits(row) and by.may(row, self.who) and (not self.to or self.to in open_moves(row, by))


class DetailView(HubAccess, generic.InspectView):
    """One row in full: what it is, what may be done, what was done."""

    template_name = "hubs/admin/detail.html"
    verbs: tuple[Verb, ...] = ()
    act_url_name = ""
    more_of: Callable | None = None
    detail_template = ""
    closed_of: Callable | None = None
    name_of: Callable = staticmethod(str)
    words_of: Mapping[str, Callable] = MappingProxyType({})

    def get_object(self, queryset=None):
        return get_object_or_404(self.rows(), pk=self.pk)

    def get_field_display_value(self, field_name, field):
        if words := self.words_of.get(field_name):
            return words(self.object)
        return _said(super().get_field_display_value(field_name, field))

    def get_fields_context(self):
        return [fact for fact in super().get_fields_context() if fact["value"] not in ("", None, [])]

    def get_edit_url(self):
        return None if self.closed_of and self.closed_of(self.object) else super().get_edit_url()

    @cached_property
    def header_more_buttons(self):
        url = self.get_edit_url()
        return [Button(_("Edit"), url=url, icon_name="edit", priority=10)] if url else []

    def get_page_title(self):
        return self.model._meta.verbose_name.capitalize()

    def get_page_subtitle(self):
        return self.name_of(self.object)

    def get_breadcrumbs_items(self):
        index = {"url": reverse(self.index_url_name), "label": str(self.model._meta.verbose_name_plural).capitalize()}
        return [*self.breadcrumbs_items, index, {"url": "", "label": self.name_of(self.object)}]

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        by = hub_actor(self.request)
        context["verbs"] = [
            verb.button(reverse(self.act_url_name, args=[self.object.pk, verb.name]), self.object)
            for verb in self.verbs
            if verb.open_for(self.object, by)
        ]
        context["log"] = log_of(self.object)
        context["detail_template"] = self.detail_template
        context["may_change"] = by.is_hub_staff
        context["edit_url"] = self.get_edit_url()
        if self.more_of:
            context.update(self.more_of(self.request, self.object))
        return context


def _said(value):
    """A fact as a person says it; instants on the hub's wall clock."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dt.datetime):
        return date_format(timezone.localtime(value), "D j M Y, H:i")
    if isinstance(value, dt.date):
        return date_format(value, "j F Y")
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return value


def log_of(row: models.Model) -> list[LogEntry]:
    """The latest entries about a row, also when it was logged as the row of its parent table."""
    if not isinstance(row, HubOwned):
        return []
    labels = {row._meta.label_lower, *(parent._meta.label_lower for parent in row._meta.get_parent_list())}
    entries = LogEntry.objects.filter(hub_id=row.hub_id, subject_type__in=labels, subject_id=row.pk)
    return list(entries.select_related("by", "on_behalf_of")[:LOG_LINES])


def staff_only(request) -> None:
    """A viewer is told so before anything that was sent is looked at."""
    if not hub_actor(request).is_hub_staff:
        raise PermissionDenied


class ActView(HubAccess, generic.WagtailAdminTemplateMixin, TemplateView):
    """GET says what follows; POST does it, once."""

    template_name = "hubs/admin/act.html"
    model: type[models.Model] | None = None
    verbs: tuple[Verb, ...] = ()
    inspect_url_name = ""
    index_url_name = ""
    header_icon = ""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.object = get_object_or_404(self.rows(), pk=kwargs["pk"])
        self.verb = next((v for v in self.verbs if v.name == kwargs["verb"]), None)
        if self.verb is None:
            raise Http404

    def dispatch(self, request, *args, **kwargs):
        here = reverse(self.inspect_url_name, args=[self.object.pk])
        self.back_url = get_valid_next_url_from_request(request) or here
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, *args, **kwargs):
        self.allowed()
        return super().get(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        self.allowed()
        text = request.POST.get("text", "").strip()
        if self.verb.must_ask and not text:
            return self.render_to_response(self.get_context_data(error=_("Fill this in: the other side reads it.")))
        try:
            seen = {"seen": request.POST.get("seen")} if self.verb.mark else {}
            made = self.verb.run(self.object, text, by=hub_actor(request), now=request.now, **seen)
        except CannotAct as refusal:
            raise PermissionDenied from refusal
        except Refused as refusal:
            return self.render_to_response(self.get_context_data(error=refusal.sentence, text=text))
        messages.success(request, _("Done: %(what)s.") % {"what": self.verb.label})
        if isinstance(made, self.model):
            return HttpResponseRedirect(reverse(self.inspect_url_name, args=[made.pk]))
        return HttpResponseRedirect(self.back_url)

    def allowed(self) -> None:
        staff_only(self.request)
        if not hub_actor(self.request).may(self.object, self.verb.who):
            raise PermissionDenied

    def get_page_title(self):
        return self.verb.label

    def get_breadcrumbs_items(self):
        index = {"url": reverse(self.index_url_name), "label": str(self.model._meta.verbose_name_plural).capitalize()}
        return [index, {"url": self.back_url, "label": str(self.object)}, {"url": "", "label": str(self.verb.label)}]

    def get_context_data(self, **kwargs):
        more = {"object": self.object, "verb": self.verb, "back_url": self.back_url}
        if self.verb.mark:
            more["seen"] = self.request.POST.get("seen") or self.request.GET.get("seen") or self.verb.mark(self.object)
        return {"text": self.verb.fill(self.object)} | super().get_context_data(**kwargs) | more
