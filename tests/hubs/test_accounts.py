"""Signing in, the second factor, language, and one's own tokens."""

from __future__ import annotations

import datetime as dt
from email.utils import parseaddr
from pathlib import Path

import allauth
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.sessions.models import Session
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from hubs.account_mail import MAILS
from hubs.domain import accounts
from hubs.middleware import HubMiddleware
from hubs.models import ApiToken, LogEntry
from tests.cast import PASSWORD


def sign_in(client, email, password=PASSWORD):
    return client.post("/accounts/login/", {"login": email, "password": password})


def said(response) -> str:
    return response.content.decode()


# ---- Signing in ------------------------------------------------------------------
def test_sign_in_with_address_in_any_case(cast, client):
    assert sign_in(client, "Coordinator@Quayside.example")["Location"] == "/home/"
    assert client.session["_auth_user_id"] == str(cast.coordinator.pk)


def test_sign_in_of_inactive_account_is_refused(cast, client):
    cast.coordinator.is_active = False
    cast.coordinator.save()
    sign_in(client, cast.coordinator.email)
    assert "_auth_user_id" not in client.session


def test_sign_in_says_the_same_for_unknown_and_wrong(cast, client):
    unknown = said(sign_in(client, "nobody@quayside.example"))
    wrong = said(sign_in(client, cast.coordinator.email, "wrong words here"))
    sentence = "This address and this password do not go together."
    assert (sentence in unknown, sentence in wrong) == (True, True)


def test_sign_in_is_rate_limited(cast, client):
    for _attempt in range(6):
        response = sign_in(client, cast.coordinator.email, "wrong words here")
    assert "Too many attempts. Wait a few minutes, then try again." in said(response)
    sign_in(client, cast.coordinator.email)  # not even with the right one, for a while
    assert "_auth_user_id" not in client.session


def test_sign_up_without_invitation_is_closed(cast, client):
    data = {"email": "new@x.example", "password1": "long and kind words", "password2": "long and kind words"}
    before = type(cast.amina).objects.count()
    client.post("/accounts/signup/", data)
    assert type(cast.amina).objects.count() == before


def test_reset_never_says_whether_an_address_is_known(cast, client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    answers = [
        client.post("/accounts/password/reset/", {"email": address})
        for address in ("nobody@quayside.example", cast.coordinator.email)
    ]
    assert [(a.status_code, a["Location"]) for a in answers] == [(302, "/accounts/password/reset/done/")] * 2
    assert [m.to for m in mail.outbox if "accounts/password/reset/key" in m.body] == [[cast.coordinator.email]]


# ---- The second factor -------------------------------------------------------------
@pytest.mark.parametrize("who", ["amina", "ben", "root"])
def test_hub_staff_without_second_factor_set_one_up_first(cast, client, settings, who):
    settings.HUB_STAFF_NEED_MFA = True
    client.force_login(getattr(cast, who))
    for address in ("/people/", "/admin/", "/account/tokens/"):
        assert client.get(address)["Location"] == "/accounts/2fa/totp/activate/"
    assert client.get("/accounts/logout/").status_code == 200


def test_hub_staff_with_second_factor_go_on(cast, client, settings):
    settings.HUB_STAFF_NEED_MFA = True
    Authenticator.objects.create(user=cast.amina, type="totp", data={"secret": "x"})
    client.force_login(cast.amina)
    assert client.get("/people/").status_code == 200


def test_second_factor_is_asked_for_at_sign_in(cast, client):
    Authenticator.objects.create(user=cast.coordinator, type="totp", data={"secret": "x"})
    assert sign_in(client, cast.coordinator.email)["Location"] == "/accounts/2fa/authenticate/"
    assert "_auth_user_id" not in client.session


def code_for(secret) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


@pytest.mark.django_db(
    transaction=True, serialized_rollback=True
)  # what allauth does once it has committed belongs to it
def test_setting_up_or_removing_a_second_factor_ends_the_other_sessions(cast, client):
    here, elsewhere = client, Client()
    for one in (here, elsewhere):
        sign_in(one, cast.coordinator.email)
    here.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = here.get("/accounts/2fa/totp/activate/").context["form"].secret
    assert elsewhere.get("/account/").status_code == 200
    here.post("/accounts/2fa/totp/activate/", {"code": code_for(secret)})
    assert (here.get("/account/").status_code, elsewhere.get("/account/")["Location"]) == (
        200, "/accounts/login/?next=/account/",
    )  # fmt: skip
    assert sign_in(elsewhere, cast.coordinator.email)["Location"] == "/accounts/2fa/authenticate/"
    elsewhere.post("/accounts/2fa/authenticate/", {"code": code_for(secret)})
    assert [one.get("/account/").status_code for one in (here, elsewhere)] == [200, 200]
    here.post("/accounts/2fa/totp/deactivate/")
    assert [one.get("/account/").status_code for one in (here, elsewhere)] == [200, 302]
    assert list(LogEntry.objects.about(cast.coordinator).order_by("pk").values_list("verb", flat=True)) == [
        "second_factor_added", "second_factor_removed",
    ]  # fmt: skip


def test_a_session_from_before_ends_even_when_nothing_followed_the_second_factor(cast, client):
    """Its row alone ends it: a process may be killed right after writing that."""
    client.force_login(cast.coordinator)
    assert client.get("/account/").status_code == 200
    Authenticator.objects.create(user=cast.coordinator, type="recovery_codes", data={"seed": "x"})
    assert client.get("/account/").status_code == 200  # codes for another day are no way in by themselves
    Authenticator.objects.create(user=cast.coordinator, type="totp", data={"secret": "x"})
    assert client.get("/account/").status_code == 302


def test_others_need_no_second_factor(cast, client, settings):
    settings.HUB_STAFF_NEED_MFA = True
    client.force_login(cast.coordinator)
    assert client.get("/people/").status_code == 200


# ---- Your account ------------------------------------------------------------------
def test_account_keeps_name_and_language(cast, client):
    client.force_login(cast.coordinator)
    assert client.post("/account/", {"name": " Cara  Coordinator ", "language": "de"})["Location"] == "/account/"
    cast.coordinator.refresh_from_db()
    assert (cast.coordinator.name, cast.coordinator.language) == ("Cara Coordinator", "de")


def test_account_refuses_a_language_nobody_speaks_here(cast, client):
    client.force_login(cast.coordinator)
    assert client.post("/account/", {"name": "Cara", "language": "xx"}).status_code == 200
    cast.coordinator.refresh_from_db()
    assert cast.coordinator.language == ""


def test_pages_are_framed_in_the_chosen_language_else_the_browsers_where_there_is_a_catalogue(cast, client, settings):
    client.force_login(cast.coordinator)
    cast.coordinator.language = "es"
    cast.coordinator.save()
    spanish = client.get("/account/", headers={"accept-language": "es"})
    assert ('<html lang="en-gb"' in said(spanish), spanish["Content-Language"]) == (True, "en-gb")
    cast.coordinator.language = ""
    cast.coordinator.save()
    settings.LANGUAGES = [("en-gb", "English"), ("de", "Deutsch"), ("fr", "Français")]
    french = {"headers": {"accept-language": "fr"}}
    assert '<html lang="fr"' in said(client.get("/account/", **french))
    cast.coordinator.language = "de"
    cast.coordinator.save()
    response = client.get("/account/", **french)
    assert ('<html lang="de"' in said(response), response["Content-Language"]) == (True, "de")
    client.logout()
    assert '<html lang="fr"' in said(client.get("/accounts/login/", **french))


def test_pages_tell_the_hubs_time(cast, rf):
    cast.hub.time_zone = "Asia/Tokyo"
    cast.hub.save()
    request = rf.get("/")
    request.session, request.user = {}, cast.coordinator
    zones = []
    HubMiddleware(lambda _request: zones.append(timezone.get_current_timezone_name()) or HttpResponse())(request)
    assert (zones, timezone.get_current_timezone_name()) == (["Asia/Tokyo"], "UTC")


# ---- Tokens ------------------------------------------------------------------------
def say_password(client) -> None:
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def test_token_is_made_only_by_whoever_says_the_password_once_more(cast, client):
    client.force_login(cast.coordinator)
    asked = client.post("/account/tokens/", {"name": "attendance export"})
    assert (asked["Location"], ApiToken.objects.count()) == ("/accounts/reauthenticate/?next=%2Faccount%2Ftokens%2F", 0)
    wrong = client.post(asked["Location"], {"password": "not the one", "next": "/account/tokens/"})
    assert (wrong.status_code, ApiToken.objects.count()) == (200, 0)
    page = client.post(asked["Location"], {"password": PASSWORD, "next": "/account/tokens/"})
    assert (len(page.context["secret"]), ApiToken.objects.get().name) == (64, "attendance export")


def test_addresses_are_changed_only_by_whoever_says_the_password_once_more(cast, client):
    client.force_login(cast.coordinator)
    for data in (
        {"action_add": "", "email": "new@quayside.example"},
        {"action_remove": "", "email": cast.coordinator.email},
    ):
        asked = client.post("/accounts/email/", data)["Location"]
        assert asked == "/accounts/reauthenticate/?next=%2Faccounts%2Femail%2F"
    assert list(EmailAddress.objects.filter(user=cast.coordinator).values_list("email", flat=True)) == [
        cast.coordinator.email
    ]


def test_token_is_shown_once_and_hashed_at_rest(cast, client):
    client.force_login(cast.coordinator)
    say_password(client)
    page = client.post("/account/tokens/", {"name": "attendance export"})
    token = ApiToken.objects.get()
    secret = page.context["secret"]
    assert (page["Cache-Control"], len(secret), secret in said(page)) == ("no-store", 64, True)
    assert secret not in str(ApiToken.objects.values_list()[0])
    assert secret not in said(client.get("/account/tokens/"))
    assert (token.user, token.name) == (cast.coordinator, "attendance export")


def test_token_is_revoked_by_its_owner_only(cast, client):
    token, _secret = ApiToken.objects.create(user=cast.coordinator, name="export")
    url = f"/account/tokens/{token.token_key}/revoke/"
    client.force_login(cast.other_coordinator)
    assert client.post(url).status_code == 404
    client.force_login(cast.coordinator)
    assert client.get(url).status_code == 405
    assert client.post(url)["Location"] == "/account/tokens/"
    assert ApiToken.objects.count() == 0


def test_eleventh_token_is_refused_with_a_reason(cast, client):
    for number in range(10):
        ApiToken.objects.create(user=cast.coordinator, name=str(number))
    client.force_login(cast.coordinator)
    say_password(client)
    page = said(client.post("/account/tokens/", {"name": "one more"}))
    assert "You have 10 tokens. Revoke one that nothing uses, then make a new one." in page
    assert ApiToken.objects.count() == 10


def test_sessions_nobody_can_use_any_more_are_forgotten_and_live_ones_kept(cast, client, now):
    client.force_login(cast.coordinator)
    for number, days in enumerate((-1, 1)):
        Session.objects.create(session_key=f"made{number}", session_data="x", expire_date=now + dt.timedelta(days=days))
    assert [accounts.forget_sessions(now) for _twice in range(2)] == [1, 0]
    assert Session.objects.filter(session_key="made1").exists()
    assert client.get("/account/").status_code == 200


# ---- The mails about one's account --------------------------------------------------
def test_account_mails_stand_in_the_hubs_frame_and_words(cast, client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    for address in (cast.coordinator.email, "nobody@quayside.example"):
        client.post("/accounts/password/reset/", {"email": address})
    assert [(m.subject, m.to, parseaddr(m.from_email)[0], m.reply_to) for m in mail.outbox] == [
        ("Choose a new password", [cast.coordinator.email], cast.hub.name, [cast.hub.contact_email]),
        ("There is no account for this address", ["nobody@quayside.example"], cast.hub.name,
         [cast.hub.contact_email]),
    ]  # fmt: skip
    assert [cast.hub.name in html for message in mail.outbox for html, _type in message.alternatives] == [True, True]


def test_a_changed_password_is_told_to_its_owner(cast, client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    client.force_login(cast.coordinator)
    new = "other pebbles under the pier"
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert [(m.subject, m.to) for m in mail.outbox] == [("Your password was changed", [cast.coordinator.email])]
    assert "127.0.0.1" in mail.outbox[0].body


def test_every_mail_allauth_may_send_here_has_our_words():
    """Those left to allauth belong to ways in that are closed: codes by mail and passkeys."""
    folders = Path(allauth.__file__).parent / "templates"
    found = {
        f"{path.parent.parent.name}/email/{path.name.removesuffix('_subject.txt')}"
        for app in ("account", "mfa")
        for path in (folders / app / "email").glob("*_subject.txt")
    }
    assert found - set(MAILS) == {
        "account/email/login_code",
        "account/email/password_reset_code",
        "mfa/email/webauthn_added",
        "mfa/email/webauthn_removed",
    }
