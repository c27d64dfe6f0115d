"""Every page behind a signed link, in each state it can be in, whole in each language its mail is written in."""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.utils.translation.template import templatize

from hubs.models import Hub, SignedLink
from placements.domain import agreements, answers, attendance, clearances, reflections
from placements.forms_employer import ConsentForm
from placements.models import Clearance, Signature
from schools.models import School
from tests import scenes
from tests.cast import NOW
from tests.placements.agreed import agreed, of_school
from tests.placements.by_link import path
from tests.project.test_mail_languages import OTHERS, WHAT_TO_DO, Key, listening, marked, source

AFTER = dt.datetime(2026, 10, 20, 15, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _clock(clock):
    """Every page reads the tests' clock."""


def in_language(page: str, language: str) -> str:
    return f"{page}?lang={language}"


def whole(response, language: str, status: int = 200) -> str:
    """The page's own words, tags and marked parts left out, once it says which language it is in."""
    text = response.content.decode()
    assert (response.status_code, response["Content-Language"]) == (status, language)
    assert re.search(r'<html lang="([^"]*)"', text)[1] == language
    assert "%(" not in text
    return unescape(re.sub(r"<[^>]*>", " ", re.sub(r"<head>.*?</head>", "", text, flags=re.DOTALL)))


def tried_in(client, language: str, page: str, *posts: dict, status: int = 200) -> list[str]:
    """The page as opened and after each of what is posted, heard out for sentences no catalogue has."""
    address = in_language(page, language)
    with listening(language) as heard:
        shown = [client.get(address), *(client.post(address, post, follow=True) for post in posts)]
    if language != settings.LANGUAGE_CODE:
        assert heard.asked == set(), WHAT_TO_DO
    return [whole(response, language, status) for response in shown]


def different(client, page: str, posts: tuple[dict, ...], **also) -> None:
    """In every language another page, and none of them English; nothing posted here changes a row."""
    pages = [tried_in(client, language, page, *posts, **also) for language in ("en-gb", *OTHERS)]
    for texts in zip(*pages, strict=True):
        assert len(set(texts)) == len(texts)


# ---- A parent or carer ---------------------------------------------------------------
def yes(answer: str = "yes", **fields) -> dict:
    return {"name": "Jo Carer", "relation": "carer", "answer": answer, **fields}


def test_consent_is_asked_and_refused_in_every_language(client, cast, consent):
    wrong = (yes(name=" "), yes(name="x" * 200, relation=""), yes("perhaps"), yes("withdraw"))
    different(client, path(consent, "consent"), wrong)


@pytest.mark.parametrize("language", OTHERS)
def test_consent_is_given_and_withdrawn_in_every_language(client, cast, consent, language):
    page = path(consent, "consent", address="home@family.example")
    texts = tried_in(client, language, page, yes("no"), yes(), yes("no"), yes("withdraw"))
    consent.refresh_from_db()
    assert (len(set(texts)), consent.state, consent.evidence["relation"]) == (4, "open", "carer")
    tried_in(client, language, page, yes())
    tried_in(client, language, path(consent, "consent", address="other@family.example"), yes("withdraw"))


def test_consent_is_over_in_every_language(client, cast, shadowing, consent):
    page = path(consent, "consent")
    answers.cancel(shadowing, "Fire drill", by=scenes.desk(cast), now=NOW)
    different(client, page, (yes(),))


def test_a_sentence_no_catalogue_has_is_heard_on_a_page(client, cast, consent, monkeypatch):
    monkeypatch.setattr(ConsentForm.base_fields["name"], "label", gettext_lazy("Nobody has written this."))
    with listening("de") as heard:
        client.get(in_language(path(consent, "consent"), "de"))
    assert heard.asked == {"Nobody has written this."}


# ---- Whoever signs -------------------------------------------------------------------
@pytest.fixture
def line(cast) -> Signature:
    placement = agreed(cast, "FR")
    agreements.draw_up(placement, by=of_school(cast), now=NOW)
    return Signature.objects.filter(agreement__placement=placement, party="parent").first()


def sign_path(line: Signature, address: str = "family@home.example") -> str:
    return path(line, "sign", address=address)


def signed(**fields) -> dict:
    return {"act": "sign", "name": "Jo", "capacity": "mère", "drawing": "", "read": "on", **fields}


def test_signing_is_asked_and_refused_in_every_language(client, cast, line):
    wrong = (signed(name=""), signed(read=""), signed(drawing="no"), signed(drawing="[[[9999, 1]]]"))
    different(client, sign_path(line), (*wrong, {"act": "withdraw", "reason": "x" * 700}))


@pytest.mark.parametrize("language", OTHERS)
def test_signing_is_done_and_undone_in_every_language(client, cast, line, language):
    texts = tried_in(client, language, sign_path(line), signed(), signed(), {"act": "withdraw", "reason": ""})
    line.refresh_from_db()
    assert (len(set(texts)), line.signed_at is None, line.withdrawn_at is None) == (3, False, False)


def test_nothing_is_signed_any_more_in_every_language(client, cast, line):
    answers.cancel(line.agreement.placement, "Fire drill", by=scenes.desk(cast), now=NOW)
    different(client, sign_path(line), (signed(),))


def test_an_agreement_keeps_its_own_language_on_the_page(client, cast, line):
    marked_ = '<dl class="pairs" lang="fr">'
    texts = [client.get(in_language(sign_path(line), one)).content.decode() for one in ("de", "fr")]
    assert [text.count(marked_) for text in texts] == [1, 0]


# ---- A student -----------------------------------------------------------------------
@pytest.fixture
def visited(cast):
    kind = scenes.encounter_type(cast.hub, "visit", required_flags=["purpose", "reflection"])
    return scenes.placement(cast, state="ready", wanted=scenes.session(scenes.opportunity(cast.employer, kind=kind)))


def over(cast, row) -> None:
    everybody = list(row.students.values_list("student_id", flat=True))
    attendance.mark(row, scenes.DAY, everybody, by=of_school(cast), now=AFTER)
    attendance.complete(row, {"purpose": True}, by=of_school(cast), now=AFTER)


def how(**fields) -> dict:
    return {"liked": "5", "talked": "yes", "did": "no", "learnt": "Glue", "next": "", "again": "yes", **fields}


def test_a_student_is_asked_too_early_and_wrongly_in_every_language(client, cast, visited):
    page = path(visited.students.first(), "reflection", address="")
    different(client, page, (how(),))
    over(cast, visited)
    different(client, page, (how(liked="", learnt=""), how(learnt="x" * 500)))


@pytest.mark.parametrize("language", OTHERS)
def test_a_student_is_thanked_in_every_language(client, cast, visited, language):
    over(cast, visited)
    texts = tried_in(client, language, path(visited.students.first(), "reflection", address=""), how(), how())
    assert len(set(texts)) == 2


# ---- Links that open nothing ----------------------------------------------------------
def test_a_link_that_is_over_says_so_in_every_language(client, cast, consent):
    page = path(consent, "consent")
    SignedLink.objects.update(revoked_at=NOW)
    different(client, page, (yes(),), status=404)
    different(client, reverse("consent-link", args=["x" * 43]), (yes(),), status=404)


# ---- Which language -------------------------------------------------------------------
@pytest.mark.parametrize(
    ("asked_in", "schools", "hubs", "framed_in"),
    [("pt-br", "fr", "de", "pt-br"), ("", "fr", "de", "fr"), ("", "", "de", "de")],
)
def test_a_page_speaks_the_language_of_its_mail(client, cast, consent, asked_in, schools, hubs, framed_in):
    Hub.objects.filter(pk=cast.hub.pk).update(language=hubs)
    School.objects.filter(pk=cast.school.pk).update(language=schools)
    row = Clearance.objects.get(pk=consent.pk)
    clearances.ask_parent(row, "home@family.example", by=of_school(cast), now=NOW, language=asked_in)
    page = path(row, "consent", address="home@family.example")
    whole(client.get(page, headers={"Accept-Language": "es"}), framed_in)
    SignedLink.objects.update(revoked_at=NOW)
    whole(client.get(page), framed_in, 404)
    whole(client.get(reverse("consent-link", args=["x" * 43])), hubs, 404)


def test_a_link_on_paper_speaks_the_schools_language_else_the_hubs(client, cast, visited):
    over(cast, visited)
    Hub.objects.filter(pk=cast.hub.pk).update(language="de")
    _row, token = reflections.make_links(visited, by=of_school(cast), now=AFTER)[0]
    page = reverse("reflection-link", args=[token])
    whole(client.get(page), "de")
    School.objects.filter(pk=cast.school.pk).update(language="es")
    whole(client.get(page), "es")


def test_a_language_chosen_on_the_page_lasts_through_what_is_sent_and_is_kept_nowhere(client, cast, consent):
    page = path(consent, "consent")
    assert client.get(page).content.decode().count("?lang=") == len(settings.MAIL_LANGUAGES)
    answer = client.post(in_language(page, "fr"), yes())
    assert answer["Location"] == in_language(page, "fr")
    whole(client.get(page), "en-gb")


def test_pages_with_an_account_stay_in_english(client, cast):
    """They share sentences with those behind links, and no catalogue has all of theirs."""
    for language in OTHERS:
        type(cast.coordinator).objects.filter(pk=cast.coordinator.pk).update(language=language)
        client.force_login(cast.coordinator)
        text = client.get(reverse("school-requests"), {"lang": language}, headers={"Accept-Language": language})
        assert '<html lang="en-gb"' in text.content.decode()
        assert "Skip to the content" in text.content.decode()


# ---- Sentences no state above took ------------------------------------------------------
LINKS = "placements/templates/placements"
TEMPLATES = (
    *("portal/document", "portal/focus", "portal/forms/field", "portal/forms/summary", "hubs/link_over"),
    *("links/consent", "links/sign", "links/reflection", "agreements/sign_form"),
)


def said_by_template(name: str) -> Iterator[Key]:
    """(context, sentence) of everything a template marks."""
    app = "hubs/templates" if name.startswith(("portal/", "hubs/")) else LINKS
    python = templatize((settings.BASE_DIR / app / f"{name}.html").read_text(encoding="utf-8"))
    for kind, given in re.findall(r"\b(_|gettext|ngettext|pgettext)\((.*?)\) ", python, re.DOTALL):
        said = [one.value for one in ast.walk(ast.parse(f"f({given})")) if isinstance(one, ast.Constant)]
        yield (said[0], said[1]) if kind == "pgettext" else ("", said[0])


def test_every_sentence_of_these_pages_has_an_entry():
    said = {key for name in TEMPLATES for key in said_by_template(name)}
    said |= set(marked("placements/domain/consent.py"))
    assert len(said) > 50
    known = set(source(OTHERS[0])) | {("", "Only a parent or carer decides this.")}
    assert said - known == set(), WHAT_TO_DO
