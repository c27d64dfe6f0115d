"""Badges: opted in to, true, taken back; what anybody sees, and what nobody does."""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import json
import random
import re

import jwt
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from employers import assessing, badges
from employers.models import Badge, BadgeKey
from hubs.errors import CannotAct, Refused
from hubs.models import LogEntry
from tests.cast import NOW, actor
from tests.employers.assessments import confirmed, said_all, sent

DAY = dt.timedelta(days=1)


@pytest.fixture
def clock(monkeypatch):
    """The time of every request; set it to travel."""
    at = {"now": NOW}
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: at["now"])
    return at


@pytest.fixture
def by(cast):
    return actor(cast.employer_lead, cast.hub, cast.employer)


@pytest.fixture
def desk(cast):
    return actor(cast.amina, cast.hub)


@pytest.fixture
def row(cast, by, desk):
    return confirmed(cast.employer, by, desk, 3)


@pytest.fixture
def badge(row, by, clock):
    return badges.issue(row, by=by, now=NOW)


def page(client, name: str, badge: Badge):
    return client.get(reverse(name, args=[badge.uid]))


def parts(text: str) -> tuple[dict, dict, bytes]:
    def raw(part: str) -> bytes:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))

    head, body, signature = text.split(".")
    return json.loads(raw(head)), json.loads(raw(body)), raw(signature)


def test_it_is_an_open_badge_that_anybody_can_verify_by_what_the_hub_publishes(client, cast, badge):
    """By hand, from the addresses in the badge alone, without the library that signed it."""
    text = page(client, "badge-text", badge).content.decode()
    head, body, signature = parts(text)
    published = client.get(head["kid"].removeprefix(cast.hub.url("")))
    key = published.json()
    numbers = (int.from_bytes(base64.urlsafe_b64decode(key[one] + "=="), "big") for one in ("e", "n"))
    public = rsa.RSAPublicNumbers(*numbers).public_key()
    signed = text.rpartition(".")[0].encode()
    public.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    with pytest.raises(InvalidSignature):
        public.verify(signature, signed + b"x", padding.PKCS1v15(), hashes.SHA256())
    assert (head["alg"], head["typ"], key["kid"], published["Access-Control-Allow-Origin"]) == (
        "RS256", "JWT", head["kid"], "*",
    )  # fmt: skip
    subject = body["credentialSubject"]
    assert (body["type"], body["@context"][0], body["validUntil"], body["exp"] - body["nbf"]) == (
        ["VerifiableCredential", "OpenBadgeCredential"], "https://www.w3.org/ns/credentials/v2",
        "2028-03-16T09:00:00Z", 548 * 86400,
    )  # fmt: skip
    assert body["iss"] == body["issuer"]["id"] == client.get("/badges/issuer.json").json()["id"]
    assert body["jti"] == body["id"] == badges.address_of(badge)
    assert subject["identifier"][0]["identityHash"] == "Brightwater Engineering"
    assert (subject["achievement"]["name"], subject["achievement"]["version"]) == (
        "Self-assessment: Good hosting 2026.2", "2026.2",
    )  # fmt: skip


def test_it_names_standards_dates_employer_and_hub_and_no_score_nobody_else(client, cast, row, badge):
    shown = page(client, "badge", badge).content.decode() + page(client, "badge-image", badge).content.decode()
    said = shown + json.dumps(parts(badge.credential)[1], ensure_ascii=False)
    for words in ("Brightwater Engineering", "Harbour Careers Hub", "Good hosting 2026.2", "15 September 2026",
                  "no certificate", "Nobody inspected the workplace", "official standard"):  # fmt: skip
        assert words in said
    percents = {one["percent"] for one in row.result["standards"].values()}
    assert percents == {75}
    bands = ("Starting", "Steady", "Leading")
    for words in ("75 %", "75/100", "Saffron", "Lead Brightwater", row.fingerprint, *bands):
        assert words not in re.sub(r'verify="[^"]*"', "", said)


def test_of_a_french_hub_it_names_the_standards_in_french_once_pages_are(client, cast, row, by, clock, settings):
    settings.LANGUAGES = [one for one in settings.CONTENT_LANGUAGES if one[0] in ("en-gb", "fr")]
    type(cast.hub).objects.filter(pk=cast.hub.pk).update(language="fr")
    made = badges.issue(type(row).objects.get(pk=row.pk), by=by, now=NOW)
    shown = page(client, "badge", made).content.decode() + page(client, "badge-image", made).content.decode()
    said = json.dumps(parts(made.credential)[1], ensure_ascii=False)
    for words in (re.sub(r'verify="[^"]*"', "", shown), said):
        assert ("Bien accueillir 2026.2" in words, "Good hosting" in words) == (True, False)


def test_only_a_lead_of_the_employer_makes_it_public_and_only_what_the_hub_confirmed(cast, row, by, desk, clock):
    for who in (
        actor(cast.employer_member, cast.hub, cast.employer), desk, actor(cast.amina, cast.hub, cast.employer),
        actor(cast.other_lead, cast.hub, cast.other_employer),
    ):  # fmt: skip
        with pytest.raises(CannotAct):
            badges.issue(row, by=who, now=NOW)
    other = actor(cast.other_lead, cast.hub, cast.other_employer)
    with pytest.raises(Refused, match="your hub has confirmed"):
        badges.issue(sent(cast.other_employer, other), by=other, now=NOW)
    with pytest.raises(Refused, match="older than eighteen months"):
        badges.issue(row, by=by, now=NOW + badges.VALID_FOR)
    assert Badge.objects.count() == 0


def test_the_page_says_what_becomes_public_and_the_lead_decides_there(client, cast, row, clock):
    url = reverse("employer-badge", args=[row.pk])
    client.force_login(cast.employer_member)
    assert client.post(url).status_code == 403
    client.force_login(cast.employer_lead)
    assert "What nobody sees" in client.get(url).content.decode()
    assert Badge.objects.count() == 0  # looking shows nothing to anybody
    client.post(url)
    made = Badge.objects.get()
    assert badges.address_of(made) in client.get(url).content.decode()
    client.post(reverse("employer-badge-withdraw", args=[row.pk]))
    made.refresh_from_db()
    assert (made.state, made.withdrawn_at) == ("withdrawn", NOW)
    logged = LogEntry.objects.filter(subject_type="employers.badge").order_by("pk")
    assert list(logged.values_list("verb", flat=True)) == ["issued", "withdrawn"]


def test_withdrawn_it_names_nobody_and_whoever_checks_it_hears_so(client, cast, badge, desk):
    assert client.get("/badges/revoked.json").json()["revokedCredential"] == []
    badges.withdraw(badge, by=desk, now=NOW)
    gone = page(client, "badge", badge)
    assert (gone.status_code, "Brightwater" in gone.content.decode()) == (410, False)
    assert [page(client, name, badge).status_code for name in ("badge-text", "badge-image")] == [404, 404]
    found = client.post("/badges/check/", {"text": badge.credential}).content.decode()
    assert ("Taken back" in found, "Brightwater" in found) == (True, False)
    assert [one["id"] for one in client.get("/badges/revoked.json").json()["revokedCredential"]] == [
        badges.address_of(badge)
    ]


def test_a_correction_that_was_sent_ends_it_and_time_does(client, cast, row, badge, by, clock):
    clock["now"] = NOW + badges.VALID_FOR - DAY
    assert "it is true and holds" in page(client, "badge", badge).content.decode()
    clock["now"] = NOW + badges.VALID_FOR
    assert "has lapsed" in page(client, "badge", badge).content.decode()
    clock["now"] = NOW
    copy = assessing.correct(row, by=by, now=NOW)
    assert badges.standing_of(badge, NOW) == "valid"  # not yet: nothing was sent
    assessing.save_answers(copy, said_all(copy, 1), by=by, now=NOW)
    assessing.submit(copy, by=by, now=NOW)
    assert badges.standing_of(badge, NOW) == "replaced"
    assert "holds no more" in page(client, "badge", badge).content.decode()
    assert len(client.get("/badges/revoked.json").json()["revokedCredential"]) == 1
    with pytest.raises(Refused, match="nobody has corrected since"):
        badges.issue(row, by=by, now=NOW)


def test_who_is_put_away_is_on_the_list_of_badges_that_hold_no_more(client, cast, badge):
    type(cast.employer).objects.filter(pk=cast.employer.pk).update(is_active=False)
    assert page(client, "badge", badge).status_code == 404
    (one,) = client.get("/badges/revoked.json").json()["revokedCredential"]
    assert one["id"] == badges.address_of(badge)


def test_an_employer_that_took_another_name_is_shown_by_the_one_that_is_signed(client, cast, badge):
    type(cast.employer).objects.filter(pk=cast.employer.pk).update(name="Ministry of Work")
    for name in ("badge", "badge-image"):
        shown = page(client, name, badge).content.decode()
        assert ("Ministry" in shown, "Brightwater" in shown) == (False, True), name


def test_a_new_badge_takes_the_place_of_the_one_before(cast, badge, by, desk):
    later = NOW + 300 * DAY
    newer = badges.issue(confirmed(cast.employer, by, desk, 4, now=later), by=by, now=later)
    badge.refresh_from_db()
    assert (badge.state, newer.state, badges.live_badge(cast.employer)) == ("withdrawn", "live", newer)


def test_nothing_of_it_can_be_changed(cast, badge):
    """A character anywhere, other claims under the old signature, another key, another algorithm."""
    dice, text = random.Random(7), badge.credential
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    tried = 0
    for _time in range(300):
        at = dice.randrange(len(text))
        other = text[:at] + dice.choice(alphabet) + text[at + 1 :]
        if same_bytes(other, text):
            continue  # the last character of a part has bits that mean nothing
        tried += 1
        assert badges.check(cast.hub, other, now=NOW).why in ("changed", "unreadable", "unknown_key")
    assert tried > 250
    head, body, _signature = parts(text)
    body["credentialSubject"]["identifier"][0]["identityHash"] = "Saffron Bakery"
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = jwt.encode(body, stranger, algorithm="RS256", headers=head)
    assert badges.check(cast.hub, forged, now=NOW).why == "changed"
    for algorithm in ("HS256", "none"):
        signed = coded({**head, "alg": algorithm}) + "." + coded(body)
        by_public = hmac.new(json.dumps(badge.key.public).encode(), signed.encode(), "sha256").digest()
        signature = coded(by_public) if algorithm == "HS256" else ""
        assert badges.check(cast.hub, f"{signed}.{signature}", now=NOW).why == "changed"
    assert badges.check(cast.hub, text, now=NOW).standing == "valid"


def coded(part) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def same_bytes(one: str, other: str) -> bool:
    try:
        return parts(one) == parts(other) and one.split(".")[:2] == other.split(".")[:2]
    except ValueError:
        return False


def test_the_picture_carries_it_and_is_checked_like_the_text(client, cast, by, desk, clock):
    cast.employer.name = 'Nuts & "Bolts" <script>'
    cast.employer.save()
    made = badges.issue(confirmed(cast.employer, by, desk, 3), by=by, now=NOW)
    picture = page(client, "badge-image", made)
    assert (picture["Content-Type"], b"<script>" in picture.content) == ("image/svg+xml", False)
    found = client.post("/badges/check/", {"file": SimpleUploadedFile("b.svg", picture.content)})
    assert "True, and it holds" in found.content.decode()
    for wrong, sentence in (
        ({}, "Paste the badge"), ({"text": "a.b"}, "This is no badge"),
        ({"file": SimpleUploadedFile("b.svg", b"<svg/>")}, "no badge in this file"),
    ):  # fmt: skip
        assert sentence in client.post("/badges/check/", wrong).content.decode()


def test_another_hub_knows_neither_the_badge_nor_its_key(client, cast, badge):
    there = {"HTTP_HOST": cast.hub_b.hostname}
    for name in ("badge", "badge-text", "badge-image"):
        assert client.get(reverse(name, args=[badge.uid]), **there).status_code == 404
    assert client.get(reverse("badge-key", args=[badge.key.kid]), **there).status_code == 404
    found = client.post("/badges/check/", {"text": badge.credential}, **there).content.decode()
    assert ("Not from this hub" in found, "Brightwater" in found) == (True, False)


def test_a_copy_of_the_database_signs_nothing_and_a_new_secret_makes_a_new_key(cast, badge, by, desk, settings):
    assert "ENCRYPTED PRIVATE KEY" in badge.key.private
    old = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 10, []
    newer = badges.issue(badge.assessment, by=by, now=NOW)
    assert newer.key != badge.key
    assert badges.check(cast.hub, badge.credential, now=NOW).standing == "withdrawn"  # its signature is still true
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "third" * 12, [settings.SECRET_KEY, old]
    badges.issue(badge.assessment, by=by, now=NOW)
    assert BadgeKey.objects.count() == 2
