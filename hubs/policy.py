"""Wagtail's question "may this person" answered from the role in the row's hub."""

from __future__ import annotations

from django.db.models import QuerySet
from wagtail.permission_policies.base import BasePermissionPolicy

from hubs.models import Membership, User


class HubPolicy(BasePermissionPolicy):
    """`who`: roles by action ("view", "add", "change"). An action not in it is nobody's.

    Without a row the answer is about any hub; views ask again for the request's own.
    """

    def __init__(self, model, who: dict[str, frozenset[str]]) -> None:
        super().__init__(model)
        self.who = who

    def user_has_permission(self, user, action: str) -> bool:
        return self.user_has_any_permission(user, [action])

    def user_has_any_permission(self, user, actions) -> bool:
        if not user.is_authenticated or not user.is_active:
            return False
        roles = {m.role for m in user.live_memberships}
        return user.is_superuser or any(roles & self.who.get(action, frozenset()) for action in actions)

    def user_has_permission_for_instance(self, user, action: str, instance) -> bool:
        return self.user_has_any_permission_for_instance(user, [action], instance)

    def user_has_any_permission_for_instance(self, user, actions, instance) -> bool:
        if not user.is_authenticated or not user.is_active:
            return False
        role = user.hub_role(instance.hub_id)
        return user.is_superuser or any(role in self.who.get(action, frozenset()) for action in actions)

    def instances_user_has_any_permission_for(self, user, actions) -> QuerySet:
        if not self.user_has_any_permission(user, actions):
            return self.model._default_manager.none()
        return self.model._default_manager.visible_to(user)

    def users_with_any_permission(self, actions) -> QuerySet:
        roles = frozenset().union(*(self.who.get(action, frozenset()) for action in actions))
        staff = Membership.objects.filter(role__in=roles).values("user_id")
        return User.objects.filter(is_active=True, pk__in=staff)
