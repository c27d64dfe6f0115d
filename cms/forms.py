"""What may be put on a page: only what belongs to the same hub."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from wagtail import blocks
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractImage
from wagtail.models import Page

from hubs.models import Hub


class SitePageForm(WagtailAdminPageForm):
    """Refuses pages, pictures and documents of another hub, however they got into the form.

    A refused form is shown again without them: a chooser would say the title of what was chosen.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        body = self.fields.get("body")
        if body is not None:
            body.bound_data = lambda data, initial: self._own(body.block, data)

    def _own(self, block, value):
        hub = self._hub()
        return block.to_python(_without_foreign(hub, block, block.get_prep_value(value))) if hub else value

    def _hub(self) -> Hub | None:
        place = self.parent_page or self.instance.get_parent()
        return hub_of_page(place) if place else None

    def clean_body(self):
        body = self.cleaned_data["body"]
        hub = self._hub()
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


def _without_foreign(hub: Hub, block, raw):
    """The plain value of a block, with nothing chosen where it was another hub's."""
    if isinstance(block, blocks.ChooserBlock):
        return None if raw and _is_foreign(hub, block.model_class, raw) else raw
    if isinstance(block, blocks.StructBlock):
        return {name: _without_foreign(hub, block.child_blocks[name], one) for name, one in raw.items()}
    if isinstance(block, blocks.ListBlock):
        return [{**item, "value": _without_foreign(hub, block.child_block, item["value"])} for item in raw]
    if isinstance(block, blocks.StreamBlock):
        return [{**one, "value": _without_foreign(hub, block.child_blocks[one["type"]], one["value"])} for one in raw]
    return raw


def _is_foreign(hub: Hub, model: type, pk: str) -> bool:
    if issubclass(model, Page):
        return not Page.objects.filter(pk=pk, path__startswith=hub.site.root_page.path).exists()
    if issubclass(model, AbstractImage | AbstractDocument):
        path = hub.collection.path if hub.collection else None
        return path is None or not model.objects.filter(pk=pk, collection__path__startswith=path).exists()
    return False
