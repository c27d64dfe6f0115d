"""Who may ask first, for clients."""

from __future__ import annotations

from rest_framework import serializers

from schools.models import School


class HubSchool(serializers.PrimaryKeyRelatedField):
    """The number of a school in use in this hub: an employer names it, whether or not it sees its page."""

    def get_queryset(self):
        request = self.context.get("request")
        return School.objects.of_hub(request.hub).filter(is_active=True) if request else School.objects.none()


def listed(view, rows):
    """A list leaves out what is not yet open to the caller's schools; an address somebody was given is read."""
    request = view.request
    return rows.listed_for(request.user, request.hub, request.now) if view.action == "list" else rows
