"""What may be put on a page: only what belongs to the same hub."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractImage
from wagtail.models import Page

from hubs.models import Hub


class SitePageForm(WagtailAdminPageForm):
    """Refuses pages, pictures and documents of another hub, however they got into the form."""

    def clean_body(self):
        body = self.cleaned_data["body"]
        place = self.parent_page or self.instance.get_parent()
        hub = hub_of_page(place) if place else None
        if hub and any(_is_foreign(hub, model, pk) for model, pk in _references(body)):
            raise ValidationError(
                _("The text uses a page, picture or document of another hub. Choose one of your own.")
            )
        return body


def hub_of_page(page: Page) -> Hub | None:
    """The hub whose tree holds this page."""
    return next(
        (hub for hub in _hubs_with_site() if page.path.startswith(hub.site.root_page.path)),
        None,
    )


def _hubs_with_site():
    return Hub.objects.filter(site__isnull=False).select_related("site__root_page", "collection")


def _references(body) -> set[tuple[type, str]]:
    return {(model, pk) for model, pk, *_path in body.stream_block.extract_references(body)}


def _is_foreign(hub: Hub, model: type, pk: str) -> bool:
    if issubclass(model, Page):
        return not Page.objects.filter(pk=pk, path__startswith=hub.site.root_page.path).exists()
    if issubclass(model, AbstractImage | AbstractDocument):
        path = hub.collection.path if hub.collection else None
        return path is None or not model.objects.filter(pk=pk, collection__path__startswith=path).exists()
    return False
