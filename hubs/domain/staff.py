"""What the roles of a hub's own staff may do in the Wagtail admin.

Rows of the hub follow the role directly (hubs.viewsets). Pages, images and documents are
Wagtail's own, which asks groups: three groups for each hub, kept in step here and nowhere
else. The gate (hubs.gate) asks the role again, so a group that lags opens nothing.
"""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import QuerySet
from wagtail.models import GroupCollectionPermission, GroupPagePermission

from hubs.models import Hub, Role, User

_ADMIN = frozenset({("wagtailadmin", "access_admin")})
_FILES = frozenset({
    ("wagtailimages", "add_image"), ("wagtailimages", "change_image"), ("wagtailimages", "choose_image"),
    ("wagtaildocs", "add_document"), ("wagtaildocs", "change_document"), ("wagtaildocs", "choose_document"),
})  # fmt: skip
_WRITE = frozenset({("wagtailcore", "add_page"), ("wagtailcore", "change_page"), ("wagtailcore", "publish_page")})
_RULE = frozenset({
    ("wagtailcore", "lock_page"), ("wagtailcore", "unlock_page"), ("wagtailcore", "bulk_delete_page"),
})  # fmt: skip

#: Role: (name of its group, rights on the hub's pages, rights on its images and documents).
_GROUPS = {
    Role.HUB_LEAD: ("leads", _WRITE | _RULE, _FILES),
    Role.CAREERS_MANAGER: ("managers", _WRITE, _FILES),
    Role.HUB_VIEWER: ("viewers", frozenset(), frozenset()),
}


def group_name(hub: Hub, role: str) -> str:
    return f"{hub.slug}: {_GROUPS[Role(role)][0]}"


def groups_of(hub: Hub) -> QuerySet[Group]:
    return Group.objects.filter(name__in=[group_name(hub, role) for role in _GROUPS])


@transaction.atomic
def sync_staff(hub: Hub) -> None:
    """Bring the admin's groups of this hub in step with its memberships, pages and collection.

    Called by every verb that changes who is on the staff, and when the hub's site is opened.
    Safe to call at any time.
    """
    for role, (_name, page_rights, file_rights) in _GROUPS.items():
        group, _made = Group.objects.get_or_create(name=group_name(hub, role))
        group.permissions.set(_permissions(_ADMIN))
        _set_page_rights(group, hub, page_rights)
        _set_file_rights(group, hub, file_rights)
        staff = User.objects.filter(memberships__hub=hub, memberships__role=role, is_active=True)
        group.user_set.set(staff if hub.is_active else [])


def _set_page_rights(group: Group, hub: Hub, rights: frozenset[tuple[str, str]]) -> None:
    home_id = hub.site.root_page_id if hub.site else None
    wanted = {(home_id, right.pk) for right in _permissions(rights)} if home_id else set()
    held = GroupPagePermission.objects.filter(group=group)
    for row in held:
        if (row.page_id, row.permission_id) not in wanted:
            row.delete()
        wanted.discard((row.page_id, row.permission_id))
    GroupPagePermission.objects.bulk_create(
        GroupPagePermission(group=group, page_id=page, permission_id=right) for page, right in sorted(wanted)
    )


def _set_file_rights(group: Group, hub: Hub, rights: frozenset[tuple[str, str]]) -> None:
    wanted = {(hub.collection_id, right.pk) for right in _permissions(rights)} if hub.collection_id else set()
    held = GroupCollectionPermission.objects.filter(group=group)
    for row in held:
        if (row.collection_id, row.permission_id) not in wanted:
            row.delete()
        wanted.discard((row.collection_id, row.permission_id))
    GroupCollectionPermission.objects.bulk_create(
        GroupCollectionPermission(group=group, collection_id=collection, permission_id=right)
        for collection, right in sorted(wanted)
    )


def _permissions(rights: frozenset[tuple[str, str]]) -> list[Permission]:
    if not rights:
        return []
    found = Permission.objects.filter(
        content_type__app_label__in={app for app, _name in rights}, codename__in={name for _app, name in rights}
    ).select_related("content_type")
    return [right for right in found if (right.content_type.app_label, right.codename) in rights]
