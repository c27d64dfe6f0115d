"""A parent or carer decides behind a signed link, and reads it in a language there is."""

from __future__ import annotations

import re

import pytest

from hubs.delivery import drain
from hubs.models import Hub, LogEntry, Message, SignedLink
from placements.domain import answers, clearances
from placements.models import Clearance
from schools.models import School, Student
from tests import scenes
from tests.cast import NOW, actor
from tests.placements.by_link import CANARY, path


@pytest.fixture(autouse=True)
def _clock(clock):
    """Every page reads the tests' clock."""


def said(answer: str = "yes", **fields) -> dict:
    return {"name": "Jo Carer", "relation": "carer", "answer": answer, **fields}


def test_a_parent_agrees(client, cast, consent):
    page = path(consent, "consent", address="home@family.example")
    answer = client.post(page, said(), follow=True)
    consent.refresh_from_db()
    link = SignedLink.objects.get(purpose="consent")
    assert consent.state == "done"
    assert consent.evidence == {"agreed": True, "name": "Jo Carer", "relation": "carer", "link": link.pk}
    entry = LogEntry.objects.about(consent).get(verb="done")
    assert (entry.hat, entry.facts) == ("link:parent", {"link": link.pk})
    assert "Jo Carer agreed on Tue 15 September." in answer.content.decode()


def test_a_refusal_is_recorded_and_the_school_hears_it(client, cast, consent, mailoutbox):
    page = path(consent, "consent", address="home@family.example")
    answer = client.post(page, said("no"), follow=True)
    consent.refresh_from_db()
    assert (consent.state, consent.evidence["agreed"], consent.evidence["name"]) == ("open", False, "Jo Carer")
    told = Message.objects.about(consent).filter(kind="consent-refused")
    assert list(told.values_list("address", flat=True)) == ["coordinator@quayside.example"]
    assert LogEntry.objects.about(consent).get(verb="consent_refused").facts == {"link": SignedLink.objects.get().pk}
    assert "Jo Carer does not agree." in answer.content.decode()
    client.post(page, said())
    consent.refresh_from_db()
    assert (consent.state, consent.evidence["agreed"]) == ("done", True)


def test_the_mail_about_a_refusal_names_nobody(client, cast, consent, mailoutbox):
    Student.objects.update(name=CANARY)
    client.post(path(consent, "consent"), said("no"))
    Message.objects.exclude(kind="consent-refused").delete()
    drain(lambda: NOW)
    mail = mailoutbox[0]
    assert mail.subject == "A parent or carer does not agree: See how it is made, Tue 20 October"
    assert [words in mail.body for words in (CANARY, "Jo Carer", "10A-0")] == [False, False, False]


def test_a_decision_needs_a_name_and_a_button(client, cast, consent):
    page = path(consent, "consent")
    unnamed = client.post(page, said(name=" "))
    assert unnamed.context["form"].errors == {"name": ["Fill this in."]}
    undecided = client.post(page, said("perhaps"))
    assert "Press one of the two buttons below." in undecided.content.decode()
    consent.refresh_from_db()
    assert (consent.state, consent.evidence) == ("open", {})


def test_one_parent_does_not_read_the_others_name(client, cast, consent):
    client.post(path(consent, "consent", address="one@family.example"), said())
    text = client.get(path(consent, "consent", address="two@family.example")).content.decode()
    assert ("Agreement was given on Tue 15 September." in text, "Jo Carer" in text) == (True, False)


def test_the_child_is_named_only_by_the_schools_own_name(client, cast, consent):
    page = path(consent, "consent")
    assert "10A-0" not in client.get(page).content.decode()
    Student.objects.filter(pk=consent.student_id).update(name=CANARY)
    Student.objects.exclude(pk=consent.student_id).update(name="Another Child")
    text = client.get(page).content.decode()
    assert (text.count(CANARY), "Another Child" in text) == (1, False)


def test_nothing_is_decided_once_it_is_called_off(client, cast, shadowing, consent):
    page = path(consent, "consent")
    answers.cancel(shadowing, "Fire drill", by=scenes.desk(cast), now=NOW)
    text = client.post(page, said()).content.decode()
    consent.refresh_from_db()
    assert ("There is nothing to decide any more." in text, consent.state) == (True, "open")


def test_no_language_is_offered_that_has_no_catalogue(client, cast, consent, settings):
    settings.MAIL_LANGUAGES = settings.LANGUAGES
    page = path(consent, "consent")
    answer = client.get(page, {"lang": "de"})
    assert (answer["Content-Language"], "?lang=" in answer.content.decode()) == ("en-gb", False)


def test_the_language_is_that_of_the_mail_until_another_is_chosen(client, cast, consent):
    clearances.ask_parent(
        consent, "home@family.example", by=actor(cast.coordinator, cast.hub, cast.school), now=NOW, language="fr"
    )
    page = path(consent, "consent", address="home@family.example")
    answers_ = [client.get(page), client.get(page, {"lang": "de"}), client.get(page, {"lang": "xx"})]
    assert [answer["Content-Language"] for answer in answers_] == ["fr", "de", "fr"]
    assert answers_[0].content.decode().count("?lang=") == 5
    answer = client.post(f"{page}?lang=de", said())
    assert answer["Location"] == f"{page}?lang=de"


@pytest.mark.parametrize(
    ("asked_in", "of_school", "of_hub", "written_in"),
    [("pt-br", "fr", "de", "pt-br"), ("", "fr", "de", "fr"), ("", "", "de", "de")],
)
def test_a_parent_is_written_to_in_their_language_else_the_schools_else_the_hubs(
    client, cast, consent, mailoutbox, asked_in, of_school, of_hub, written_in
):
    Hub.objects.filter(pk=cast.hub.pk).update(language=of_hub)
    School.objects.filter(pk=cast.school.pk).update(language=of_school)
    row = Clearance.objects.get(pk=consent.pk)
    coordinator = actor(cast.coordinator, cast.hub, cast.school)
    clearances.ask_parent(row, "home@family.example", by=coordinator, now=NOW, language=asked_in)
    drain(lambda: NOW)
    mail = next(one for one in mailoutbox if one.to == ["home@family.example"])
    assert f'<html lang="{written_in}"' in mail.alternatives[0][0]
    # What the mail leads to speaks as the mail does.
    page = client.get(re.search(r"http://[^/]+(/\S+)", mail.body)[1])
    assert (page.status_code, page["Content-Language"]) == (200, written_in)
    assert f'<html lang="{written_in}"' in page.content.decode()
