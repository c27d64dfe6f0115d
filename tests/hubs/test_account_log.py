"""What people change about their own account stands in the log of each of their hubs, and no secret does."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail

from hubs.models import ApiToken, LogEntry, Role
from tests.cast import PASSWORD, join

pytestmark = pytest.mark.django_db
NEW = "another long pass phrase"


@pytest.fixture
def signed_in(cast, client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    client.post("/accounts/login/", {"login": cast.coordinator.email, "password": PASSWORD})
    return client


def entries(cast) -> list[tuple]:
    found = LogEntry.objects.about(cast.coordinator).order_by("pk")
    return [(e.verb, e.hub_id, e.by_id, e.hat, e.via, e.facts) for e in found]


def own(cast, verb: str, hub=None, **facts) -> tuple:
    return verb, (hub or cast.hub).pk, cast.coordinator.pk, "self", "page", facts


def test_name_and_language_are_logged_in_every_hub_of_the_person(cast, client):
    join(cast.coordinator, cast.hub_b, Role.COORDINATOR, cast.school_b)
    client.force_login(cast.coordinator)
    data = {"name": "Coordinator Quayside", "language": "de"}
    assert [client.post("/account/", data).status_code for _again in range(2)] == [302, 302]
    assert entries(cast) == [
        own(cast, "account_changed", fields=["language"]),
        own(cast, "account_changed", cast.hub_b, fields=["language"]),
    ]


def test_tokens_are_logged_by_their_readable_part(cast, client):
    client.force_login(cast.coordinator)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = client.post("/account/tokens/", {"name": "export"}).context["secret"]
    key = ApiToken.objects.get().token_key
    client.post(f"/account/tokens/{key}/revoke/")
    assert entries(cast) == [own(cast, "token_made", key=key), own(cast, "token_revoked", key=key)]
    assert secret not in str(list(LogEntry.objects.values()))


def test_a_new_password_is_logged_but_not_what_it_is(cast, signed_in):
    data = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    signed_in.post("/accounts/password/change/", data)
    assert entries(cast) == [own(cast, "password_changed")]


def test_a_password_reset_by_mail_is_logged(cast, client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    client.post("/accounts/password/reset/", {"email": cast.coordinator.email})
    address = re.search(r"/accounts/password/reset/key/\S+", mail.outbox[0].body)[0]
    address = client.get(address)["Location"]
    client.post(address, {"password1": NEW, "password2": NEW})
    assert entries(cast) == [own(cast, "password_changed")]


def test_a_password_reset_by_mail_ends_the_persons_tokens_and_nobody_elses(cast, client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mine, _secret = ApiToken.objects.create(user=cast.coordinator, name="export")
    theirs, _secret = ApiToken.objects.create(user=cast.other_coordinator, name="export")
    client.post("/accounts/password/reset/", {"email": cast.coordinator.email})
    address = client.get(re.search(r"/accounts/password/reset/key/\S+", mail.outbox[0].body)[0])["Location"]
    assert ApiToken.objects.count() == 2  # asking for it is open to everybody
    client.post(address, {"password1": NEW, "password2": NEW})
    assert list(ApiToken.objects.all()) == [theirs]
    assert entries(cast) == [own(cast, "password_changed"), own(cast, "token_revoked", key=mine.token_key)]


def test_another_address_is_logged_without_the_address(cast, signed_in):
    signed_in.post("/accounts/reauthenticate/", {"password": PASSWORD})
    signed_in.post("/accounts/email/", {"action_add": "", "email": "new@quayside.example"})
    address = re.search(r"/accounts/confirm-email/\S+", mail.outbox[-1].body)[0]
    signed_in.post(address)
    assert EmailAddress.objects.filter(user=cast.coordinator, verified=True).count() == 2
    signed_in.post("/accounts/email/", {"action_primary": "", "email": "new@quayside.example"})
    signed_in.post("/accounts/email/", {"action_remove": "", "email": "coordinator@quayside.example"})
    assert [entry[0] for entry in entries(cast)] == ["email_confirmed", "email_changed", "email_removed"]
    assert "quayside" not in str(list(LogEntry.objects.values("facts", "reason")))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)  # allauth tells of a change once it has committed it
def test_second_factor_and_recovery_codes_are_logged(cast, signed_in):
    signed_in.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = signed_in.get("/accounts/2fa/totp/activate/").context["form"].secret
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    signed_in.post("/accounts/2fa/totp/activate/", {"code": code})
    signed_in.post("/accounts/2fa/recovery-codes/generate/")
    signed_in.post("/accounts/2fa/totp/deactivate/")
    assert [entry[0] for entry in entries(cast)] == [
        "second_factor_added", "recovery_codes_made", "second_factor_removed",
    ]  # fmt: skip
    assert secret not in str(list(LogEntry.objects.values()))
    assert Authenticator.objects.filter(user=cast.coordinator, type="totp").count() == 0
