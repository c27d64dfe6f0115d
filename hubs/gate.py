"""The gate before the Wagtail admin: what is not named here is closed to hub staff.

Wagtail asks global groups and permissions, knows nothing of hubs, and many of its screens
list every row of the install (reports, users, collections, tags, bulk actions, usage). So
the gate names what is open, by route; a route that a later Wagtail adds stays closed until
somebody has looked at it. Rows named in the address must be of this request's hub.
"""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.datastructures import MultiValueDictKeyError
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.images.permissions import permission_policy as collection_permission_policy
from wagtail.permissions import page_permission_policy

from hubs.domain.staff import groups_of
from hubs.middleware import ADMIN_PREFIX
from hubs.models import HUB_STAFF
from hubs.narrowing import narrow, pages_of

#: Open to every role of the hub's staff.
FOR_ALL = frozenset(
    {
        "wagtailadmin_home",
        "wagtailadmin_sprite",
        "wagtailadmin_javascript_catalog",
        "wagtailadmin_logout",
        "wagtailadmin_dismissibles",
        "admin-login",
        "admin-logout",
    }
)

#: Site pages, images and documents, open to those who may act.
_PAGES = (
    "add preview_on_add usage edit preview_on_edit view_draft add_subpage delete unpublish "
    "move move_confirm set_page_position copy revisions_index revisions_view revisions_revert "
    "revisions_unschedule revisions_compare history history_results lock unlock search search_results"
)
_IMAGES = (
    "index index_results edit delete preview add add_multiple edit_multiple delete_multiple "
    "create_multiple_from_uploaded_image delete_upload_multiple url_generator url_generator_output"
)
_DOCUMENTS = (
    "index index_results add edit delete add_multiple edit_multiple delete_multiple "
    "create_multiple_from_uploaded_document delete_upload_multiple"
)
_CHOOSER = "choose choose_results chosen chosen_multiple create"
FOR_EDITORS = frozenset(
    {
        "wagtailadmin_explore",
        "wagtailadmin_explore_results",
        "wagtailadmin_explore_root",
        "wagtailadmin_choose_page",
        "wagtailadmin_choose_page_child",
        "wagtailadmin_choose_page_search",
        "wagtailadmin_choose_page_chosen_multiple",
        "wagtailadmin_choose_page_email_link",
        "wagtailadmin_choose_page_phone_link",
        "wagtailadmin_choose_page_anchor_link",
        "wagtailadmin_choose_page_external_link",
        "wagtailadmin_block_preview",
        "wagtailadmin_editing_sessions:ping",
        "wagtailadmin_editing_sessions:release",
        "wagtailembeds:chooser",
        "wagtailembeds:chooser_upload",
        "wagtailimages_chooser:select_format",
        *(f"wagtailadmin_pages:{name}" for name in _PAGES.split()),
        *(f"wagtailimages:{name}" for name in _IMAGES.split()),
        *(f"wagtailimages_chooser:{name}" for name in _CHOOSER.split()),
        *(f"wagtaildocs:{name}" for name in _DOCUMENTS.split()),
        *(f"wagtaildocs_chooser:{name}" for name in _CHOOSER.split()),
    }
)

#: Nobody's: a page of Wagtail's that raises an error on purpose.
FOR_NOBODY = frozenset({"wagtailadmin_error_test"})

#: What no screen of the admin asks for; Django's generic views would take PUT for POST.
METHODS = ("GET", "HEAD", "OPTIONS", "POST")

#: What these forms of Wagtail's always send, and break without.
_SENT = {
    "wagtailadmin_choose_page_external_link": "external-link-chooser-url",
    "wagtailredirects:process_import": "input_format",
}

#: Which kind of row an argument of a route names, by namespace and argument.
_PAGE_ARGUMENTS = frozenset({"page_id", "parent_page_id", "page_to_move_id", "destination_id"})
_OURS: set[str] = set()


def open_to_staff(namespace: str) -> None:
    """Open a namespace whose views scope themselves (hubs.viewsets); roles are checked there."""
    _OURS.add(namespace)


def opened() -> frozenset[str]:
    """The namespaces opened so far."""
    return frozenset(_OURS)


class AdminGateMiddleware:
    """Follows HubMiddleware. Strangers to this hub get 404, viewers 403 where editors work."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if not request.path.startswith(ADMIN_PREFIX):
            return None
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        match = request.resolver_match
        if match.view_name in ("admin-login", "admin-logout"):
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("account_login"))
        if match.view_name == "wagtailadmin_account":
            return redirect("account")  # one page of one's own, with the second factor
        if match.view_name in FOR_NOBODY:
            raise Http404
        if request.user.is_superuser:
            return _whole(request, match)
        role = request.user.hub_role(request.hub.pk) if request.hub else None
        if role is None:
            raise Http404
        if set(match.namespaces) & _OURS or match.view_name in FOR_ALL:
            return None
        if match.view_name not in FOR_EDITORS:
            raise Http404
        _own_rows_only(request, match)
        _rights_here_only(request)
        if role not in HUB_STAFF:
            raise PermissionDenied
        return _whole(request, match) or _at_home(request, match)

    def process_exception(self, request, exception):
        """Wagtail reads fields of its own forms without asking; a form without them was not its own."""
        if request.path.startswith(ADMIN_PREFIX) and isinstance(exception, MultiValueDictKeyError):
            raise BadRequest("A field of the form was not sent.") from exception


def _whole(request, match) -> None:
    if request.method == "POST" and _SENT.get(match.view_name, "") not in {"", *request.POST}:
        raise BadRequest("A field of the form was not sent.")


def _rights_here_only(request) -> None:
    """Staff of several hubs bring only the rights of this one: Wagtail would add them up.

    Its policies read a person's rights once and keep them on the user for the request; here
    that memory is filled beforehand.
    """
    user = request.user
    if len(user.tenancies().staffed_hubs) < 2:
        return
    here = set(groups_of(request.hub).values_list("pk", flat=True))
    for policy in (page_permission_policy, collection_permission_policy):
        held = [right for right in policy.get_all_permissions_for_user(user) if right.group_id in here]
        setattr(user, policy.permission_cache_name, held)


def _own_rows_only(request, match) -> None:
    """404 unless every page, image and document named in the address is of this hub."""
    hub = request.hub
    pages = {value for name, value in match.kwargs.items() if name in _PAGE_ARGUMENTS}
    if match.view_name == "wagtailadmin_pages:revisions_compare":
        pages.add(match.args[0])
    if match.view_name == "wagtailadmin_pages:copy" and request.method == "POST":
        # Wagtail shows its title again when something else in the form is wrong.
        pages |= set(filter(None, [request.POST.get("new_parent_page")]))
    if match.view_name == "wagtailadmin_editing_sessions:ping":
        pages.add(match.kwargs["object_id"])
    chosen = [value for value in request.GET.getlist("id") if value]
    if match.view_name.startswith("wagtailadmin_choose_page"):
        pages |= {*chosen, *filter(None, request.GET.getlist("target_pages[]"))}
    _all_in(pages_of(hub), pages)
    namespace = match.namespaces[0] if match.namespaces else ""
    for model, argument in (
        (get_image_model(), "image_id"),
        (get_document_model(), "document_id"),
        (get_document_model(), "doc_id"),
    ):
        if argument in match.kwargs:
            _all_in(narrow(model.objects.all(), hub), {match.kwargs[argument]})
    for model, chooser in ((get_image_model(), "wagtailimages_chooser"), (get_document_model(), "wagtaildocs_chooser")):
        if namespace == chooser:
            _all_in(narrow(model.objects.all(), hub), {*chosen, *filter(None, [match.kwargs.get("pk")])})


def _all_in(rows, ids: set) -> None:
    if not ids:
        return
    try:
        wanted = {int(value) for value in ids}
    except ValueError as error:
        raise Http404 from error
    if set(rows.filter(pk__in=wanted).values_list("pk", flat=True)) != wanted:
        raise Http404


def _at_home(request, match):
    """Where Wagtail would begin at the root of all sites, begin at the hub's home page."""
    instead = {
        "wagtailadmin_explore_root": "wagtailadmin_explore",
        "wagtailadmin_choose_page": "wagtailadmin_choose_page_child",
    }.get(match.view_name)
    if instead is None:
        return None
    if request.hub.site_id is None:
        raise Http404
    url = reverse(instead, args=[request.hub.site.root_page_id])
    return redirect(f"{url}?{urlencode(list(request.GET.lists()), doseq=True)}" if request.GET else url)
