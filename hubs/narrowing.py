"""Narrowing what a form or a filter offers to one hub: the one generic rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.forms import BaseForm, BaseFormSet
from wagtail.models import Collection, CollectionMember, Page

from hubs.models import Hub, Membership, Organisation, Requirement, User
from hubs.scoping import HubOwned

#: Reference data without a hub, the same for all.
SHARED = frozenset({"employers.Sector", "wagtailcore.Locale"})


def narrow(queryset: QuerySet, hub: Hub) -> QuerySet:
    """Only rows of `hub`. A model no rule is known for offers nothing, rather than everything."""
    model: type[Model] = queryset.model
    if issubclass(model, HubOwned):
        return queryset.filter(hub_id=hub.pk)
    if issubclass(model, Requirement):
        return queryset.filter(pk__in=Requirement.objects.of_hub(hub).values("pk"))
    if issubclass(model, User):
        return queryset.filter(pk__in=Membership.objects.filter(hub_id=hub.pk).values("user_id"))
    if issubclass(model, Hub):
        return queryset.filter(pk=hub.pk)
    if issubclass(model, Page):
        return queryset.filter(pk__in=pages_of(hub).values("pk"))
    if issubclass(model, CollectionMember):
        return queryset.filter(collection__in=collections_of(hub))
    if issubclass(model, Collection):
        return queryset.filter(pk__in=collections_of(hub).values("pk"))
    return queryset if model._meta.label in SHARED else queryset.none()


def pages_of(hub: Hub) -> QuerySet:
    """The hub's home page and everything below it."""
    if hub.site_id is None:
        return Page.objects.none()
    return Page.objects.descendant_of(hub.site.root_page, inclusive=True)


def collections_of(hub: Hub) -> QuerySet:
    if hub.collection_id is None:
        return Collection.objects.none()
    return hub.collection.get_descendants(inclusive=True)


def in_use(queryset: QuerySet, chosen: Any) -> QuerySet:
    """Without organisations that are put away; one that is `chosen` already (a key, a row, or several) stays a choice,
    so that saving something else does not lose it."""
    if not issubclass(queryset.model, Organisation):
        return queryset
    several = chosen if isinstance(chosen, Iterable) and not isinstance(chosen, str) else [chosen]
    keys = [getattr(one, "pk", one) for one in several if one]
    return queryset.filter(Q(is_active=True) | Q(pk__in=keys))


def narrow_form(form: BaseForm, hub: Hub, own_key: str = "") -> None:
    """Narrow every choice of related rows, in the form and in its inline forms.

    `own_key` is the hidden field by which an inline form names its own row: its choices are
    the rows of the parent, which is of the hub.
    """
    for name, field in form.fields.items():
        choices = getattr(field, "queryset", None)
        if choices is not None and name != own_key:
            field.queryset = in_use(narrow(choices, hub), form.initial.get(name))
    for formset in getattr(form, "formsets", {}).values():
        key = formset.model._meta.pk.name
        each_form(formset, lambda child, key=key: narrow_form(child, hub, key))


def each_form(formset: BaseFormSet, do: Callable[[BaseForm], None]) -> None:
    """Do it to every form of it, those that are there and those made later: the empty form that "Add step" copies
    is made anew at each look at it, through `add_fields`."""
    for child in formset.forms:
        do(child)
    add_fields = formset.add_fields

    def added(form: BaseForm, index: int | None) -> None:
        add_fields(form, index)
        do(form)

    formset.add_fields = added
