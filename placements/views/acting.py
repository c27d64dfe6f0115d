"""What every page of a school starts from."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from placements.models import Placement, PlacementRequest
from schools.models import Group, School


def school_of(request) -> School:
    """The school the person acts for, with its hub. Behind `portal_page("school")` only."""
    return School.objects.select_related("hub").get(pk=request.acting.pk)


def groups_of(school: School) -> list[Group]:
    """The school's groups in use, each with its year and this very `school`."""
    groups = list(Group.objects.filter(school_id=school.pk, is_active=True).select_related("year_group"))
    for group in groups:
        group.school = school
    return groups


def placement_or_404(request, pk: int) -> Placement:
    """A placement of the school, with all that its pages show; 404 for anybody else's."""
    rows = Placement.objects.visible_to(request.user).filter(school_id=request.acting.pk).with_all()
    return get_object_or_404(
        rows.select_related("request", "school__hub", "group__year_group", "session__opportunity__employer"), pk=pk
    )


def request_or_404(request, pk: int) -> PlacementRequest:
    rows = PlacementRequest.objects.visible_to(request.user).filter(school_id=request.acting.pk)
    return get_object_or_404(rows.select_related("hub", "school__hub", "group__year_group"), pk=pk)
