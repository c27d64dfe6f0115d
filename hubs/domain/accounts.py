"""What people change about their own account, and their keys for clients of the API."""

from __future__ import annotations

import datetime as dt

from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.translation import gettext as _

from hubs.actors import Actor
from hubs.domain.fields import only
from hubs.errors import Refused
from hubs.locked import lock_again
from hubs.locks import lock_rows
from hubs.log import record
from hubs.models import ApiToken, User

MOST_TOKENS = 10
BATCH = 1000
ACCOUNT_FIELDS = frozenset({"name", "language"})


def record_own(user: User, verb: str, *, by: Actor, now: dt.datetime, **facts) -> None:
    """One entry in the log of each hub the person belongs to, and of the one they were in.

    `facts` name what was changed, never what it is now: no address, no name, no secret.
    """
    for hub_id in sorted({*user.tenancies().hubs, *([by.hub_id] if by.hub_id else [])}):
        record(user, verb, by=by, now=now, hub_id=hub_id, **facts)


def change_account(user: User, fields: dict, *, by: Actor, now: dt.datetime) -> None:
    """The person's own name and language."""
    fields = {name: value for name, value in only(fields, ACCOUNT_FIELDS).items() if getattr(user, name) != value}
    if not fields:
        return
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(**fields)
        record_own(user, "account_changed", by=by, now=now, fields=sorted(fields))
    for name, value in fields.items():
        setattr(user, name, value)


def make_token(user: User, name: str, *, by: Actor, now: dt.datetime) -> tuple[ApiToken, str]:
    """A new key and its secret, which is readable this once; it holds for API_TOKEN_DAYS days."""
    with transaction.atomic():
        # One at a time for each person, so that two at once cannot pass the limit.
        lock_rows(User.objects.filter(pk=user.pk))
        if ApiToken.objects.filter(user=user).count() >= MOST_TOKENS:
            raise Refused(
                _("You have %(most)s tokens. Revoke one that nothing uses, then make a new one.")
                % {"most": MOST_TOKENS},
                code="too_many",
            )
        token, secret = ApiToken.objects.create(user=user, name=name)
        record_own(user, "token_made", by=by, now=now, key=token.token_key)
    return token, secret


def end_tokens(user: User, *, by: Actor, now: dt.datetime) -> int:
    """Every token of somebody who had to get back in by mail: whoever kept them out may have made one. How many."""
    with transaction.atomic():
        keys = sorted(ApiToken.objects.filter(user=user).values_list("token_key", flat=True))
        ApiToken.objects.filter(user=user, token_key__in=keys).delete()
        for key in keys:
            record_own(user, "token_revoked", by=by, now=now, key=key)
    return len(keys)


def forget_sessions(now: dt.datetime) -> int:
    """Sessions nobody can use any more, a batch at a time; how many. Safe twice, at once and killed."""
    done = 0
    over = Session.objects.filter(expire_date__lt=now).order_by("pk").values_list("pk", flat=True)
    while batch := list(over[:BATCH]):
        done += Session.objects.filter(pk__in=batch).delete()[0]
    return done


def lock_second_factors() -> int:
    """What an older SECRET_KEY locked is locked with today's; how many were."""
    return lock_again(Authenticator.objects.filter(type__in=("totp", "recovery_codes")))


def revoke_token(token: ApiToken, *, by: Actor, now: dt.datetime) -> None:
    """Calls with it are refused from now on."""
    with transaction.atomic():
        token.delete()
        record_own(token.user, "token_revoked", by=by, now=now, key=token.token_key)
