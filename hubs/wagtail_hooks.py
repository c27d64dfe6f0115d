"""Registration of the hub's own back office, and of what Wagtail's admin leaves out here."""

from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from hubs.models import HUB_STAFF
from hubs.narrowing import collections_of, pages_of
from hubs.viewsets import StaffMenuItem
from hubs.viewsets_closures import ClosureViewSet
from hubs.viewsets_hub import HubSettings, LogViewSet, MessageViewSet, Sending
from hubs.viewsets_partners import PartnerViewSet
from hubs.viewsets_rules import DecisionViewSet, RequirementViewSet
from hubs.viewsets_wording import WordingViewSet

#: Wagtail's own entries that hub staff keep; ours are all `StaffMenuItem`.
KEPT = frozenset({"images", "documents", "settings"})


class SitePagesMenuItem(StaffMenuItem):
    """Straight to the hub's home page: Wagtail's explorer would begin above all hubs."""

    def is_shown(self, request) -> bool:
        return super().is_shown(request) and request.hub.site_id is not None


@hooks.register("register_admin_viewset")
def hub_viewsets():
    return [
        HubSettings(), RequirementViewSet(), DecisionViewSet(), MessageViewSet(), Sending(), WordingViewSet(),
        ClosureViewSet(), PartnerViewSet(), LogViewSet(),
    ]  # fmt: skip


@hooks.register("register_admin_menu_item")
def site_pages_menu_item():
    return SitePagesMenuItem(
        _("Site pages"), reverse("wagtailadmin_explore_root"), name="site-pages", icon_name="doc-full-inverse",
        order=60, roles=HUB_STAFF,
    )  # fmt: skip


@hooks.register("register_settings_menu_item")
def people_menu_item():
    return StaffMenuItem(_("People and roles"), reverse("people"), name="people", icon_name="group", order=20)


@hooks.register("construct_main_menu")
def only_ours(request, items: list[MenuItem]) -> None:
    """Hub staff see the back office; a superuser sees all of Wagtail besides."""
    if not request.user.is_superuser:
        items[:] = [item for item in items if isinstance(item, StaffMenuItem) or item.name in KEPT]
    for item in items:
        item.order = {"images": 70, "documents": 80, "settings": 200}.get(item.name, item.order)


@hooks.register("construct_settings_menu")
def only_our_settings(request, items: list[MenuItem]) -> None:
    if not request.user.is_superuser:
        items[:] = [item for item in items if isinstance(item, StaffMenuItem)]


@hooks.register("construct_homepage_summary_items", order=1000)
def no_summary(request, items: list) -> None:
    """How many pages and images there are needs nobody."""
    items.clear()


@hooks.register("construct_page_chooser_queryset")
def own_pages(pages, request):
    return pages if request.user.is_superuser else pages.filter(pk__in=pages_of(request.hub).values("pk"))


@hooks.register("construct_image_chooser_queryset")
@hooks.register("construct_document_chooser_queryset")
def own_files(files, request):
    return files if request.user.is_superuser else files.filter(collection__in=collections_of(request.hub))


@hooks.register("insert_global_admin_css")
def admin_css():
    return format_html('<link rel="stylesheet" href="{}">', static("hubs/admin.css"))
