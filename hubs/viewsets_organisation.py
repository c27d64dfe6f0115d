"""What employers and schools have in common in the back office: caseload, notes, acting for."""

from __future__ import annotations

from typing import ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column

from hubs.domain.notes import write_note
from hubs.errors import CannotAct, Refused
from hubs.models import HUB_STAFF, Invitation, Membership, Organisation
from hubs.views_admin import HubAccess, HubFilterSet, HubForm, hub_actor, staff_only
from hubs.viewsets import HubViewSet

MANAGER = Column("manager", label=_("Careers manager"), accessor=lambda row: row.manager or "")


class OrganisationForm(HubForm):
    """The careers manager is somebody of the hub's own staff; names are unique in a hub."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        staff = Membership.objects.filter(hub_id=self.instance.hub_id, role__in=HUB_STAFF).values("user_id")
        self.fields["manager"].queryset = self.fields["manager"].queryset.filter(pk__in=staff)

    def clean_name(self):
        name = self.cleaned_data["name"]
        same = type(self.instance)._base_manager.filter(hub_id=self.instance.hub_id, name__iexact=name)
        if same.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("There is one with this name already. Add the town, for example."))
        return name


class NoteForm(forms.Form):
    text = forms.CharField(label=_("Note"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
    # The browser's own date input: Wagtail's needs its script loaded before the form is drawn.
    next_contact_on = forms.DateField(
        label=_("Be in touch again on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


class NoteView(HubAccess, View):
    """POST only; the form stands on the organisation's page."""

    model: type[Organisation] | None = None
    inspect_url_name = ""

    def post(self, request, pk: int):
        row = get_object_or_404(self.rows(), pk=pk)
        staff_only(request)
        form = NoteForm(request.POST)
        if form.is_valid():
            try:
                write_note(row, **form.cleaned_data, by=hub_actor(request), now=request.now)
            except CannotAct as refusal:
                raise PermissionDenied from refusal
            except Refused as refusal:
                messages.error(request, refusal.sentence)
        else:
            messages.error(request, " ".join(error for errors in form.errors.values() for error in errors))
        return HttpResponseRedirect(reverse(self.inspect_url_name, args=[row.pk]))


class OrganisationFilterSet(HubFilterSet):
    """`manager` offers the hub's own people; the base narrows it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        chooser = self.filters.get("manager")
        if chooser is not None:
            staff = Membership.objects.filter(hub_id=self.request.hub.pk, role__in=HUB_STAFF).values("user_id")
            chooser.queryset = chooser.queryset.filter(pk__in=staff)


class OrganisationViewSet(HubViewSet):
    """Base of employers and schools."""

    related: ClassVar = ("manager",)
    form_base = OrganisationForm
    ordering = ("name", "pk")
    search_fields = ("name",)
    detail_template = "hubs/admin/organisation.html"

    def more_of(self, request, row) -> dict:
        people = Membership.objects.filter(organisation_id=row.pk).select_related("user").order_by("role", "pk")
        invited = Invitation.objects.filter(Q(organisation_id=row.pk), state="open").order_by("pk")
        return {
            "notes": list(row.notes.select_related("written_by")[:20]),
            "note_form": NoteForm(),
            "note_url": reverse(self.get_url_name("note"), args=[row.pk]),
            "people": people,
            "invited": invited,
        }

    @property
    def note_view(self):
        return self.construct_view(NoteView)

    def get_urlpatterns(self):
        return [*super().get_urlpatterns(), path("<int:pk>/note/", self.note_view, name="note")]
