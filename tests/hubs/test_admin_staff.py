"""The groups of a hub's staff follow its memberships, pages and collection."""

from __future__ import annotations

from django.contrib.auth.models import Group
from wagtail.models import GroupCollectionPermission, GroupPagePermission

from cms.domain import open_site
from hubs.actors import system
from hubs.domain.staff import group_name, groups_of, sync_staff
from hubs.models import Membership, Role


def _members(hub, role) -> list[str]:
    return sorted(Group.objects.get(name=group_name(hub, role)).user_set.values_list("email", flat=True))


def test_staff_are_in_the_group_of_their_role_and_hub(cast):
    sync_staff(cast.hub)
    sync_staff(cast.hub_b)
    assert _members(cast.hub, Role.HUB_LEAD) == ["amina@harbour.example"]
    assert _members(cast.hub, Role.CAREERS_MANAGER) == []
    assert _members(cast.hub, Role.HUB_VIEWER) == ["ben@harbour.example"]
    assert _members(cast.hub_b, Role.HUB_LEAD) == ["chloe@fells.example"]


def test_staff_who_leave_or_change_roles_leave_the_group(cast):
    sync_staff(cast.hub)
    Membership.objects.filter(user=cast.amina).update(role=Role.CAREERS_MANAGER)
    Membership.objects.filter(user=cast.ben).delete()
    sync_staff(cast.hub)
    assert _members(cast.hub, Role.HUB_LEAD) == []
    assert _members(cast.hub, Role.CAREERS_MANAGER) == ["amina@harbour.example"]
    assert _members(cast.hub, Role.HUB_VIEWER) == []


def test_staff_who_may_not_sign_in_are_in_no_group(cast):
    cast.amina.is_active = False
    cast.amina.save()
    sync_staff(cast.hub)
    assert _members(cast.hub, Role.HUB_LEAD) == []


def test_staff_rights_are_on_the_hubs_own_pages_and_files_alone(cast, now):
    open_site(cast.hub, by=system(), now=now)
    open_site(cast.hub_b, by=system(), now=now)
    cast.hub.refresh_from_db()
    groups = groups_of(cast.hub)
    assert set(GroupPagePermission.objects.filter(group__in=groups).values_list("page_id", flat=True)) == {
        cast.hub.site.root_page_id
    }
    assert set(GroupCollectionPermission.objects.filter(group__in=groups).values_list("collection_id", flat=True)) == {
        cast.hub.collection_id
    }
    viewers = Group.objects.get(name=group_name(cast.hub, Role.HUB_VIEWER))
    assert (viewers.page_permissions.count(), viewers.collection_permissions.count()) == (0, 0)
    assert list(viewers.permissions.values_list("codename", flat=True)) == ["access_admin"]


def test_staff_rights_given_by_hand_are_taken_back(cast, now):
    open_site(cast.hub, by=system(), now=now)
    open_site(cast.hub_b, by=system(), now=now)
    cast.hub.refresh_from_db()
    cast.hub_b.refresh_from_db()
    viewers = Group.objects.get(name=group_name(cast.hub, Role.HUB_VIEWER))
    right = GroupPagePermission.objects.filter(group__in=groups_of(cast.hub)).first().permission
    GroupPagePermission.objects.create(group=viewers, page=cast.hub_b.site.root_page, permission=right)
    sync_staff(cast.hub)
    assert viewers.page_permissions.count() == 0
