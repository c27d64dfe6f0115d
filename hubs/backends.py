"""Who may sign in, and with which of Wagtail's rights."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.models import Authenticator
from django.db.models import OuterRef, Subquery

from hubs.models import User


class Backend(AuthenticationBackend):
    """By e-mail address and password. Rights come with a role's group, never to one person alone, so
    none are looked for there; and a person comes with what every page of the back office reads of
    them."""

    def get_user(self, user_id) -> User | None:
        codes = Authenticator.objects.filter(user_id=OuterRef("pk"), type=Authenticator.Type.TOTP)
        users = User.objects.select_related("wagtail_userprofile")
        user = users.annotate(second_factor_at=Subquery(codes.values("created_at"))).filter(pk=user_id).first()
        return user if self.user_can_authenticate(user) else None

    def get_user_permissions(self, user_obj, obj=None) -> set[str]:
        return set()
