"""A hub's own words: what may stand in them, where they count, and what stays as it is."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.urls import reverse

from hubs import delivery
from hubs.domain.staff import sync_staff
from hubs.models import LogEntry, Message, MessageTemplate
from hubs.outbox import KINDS
from hubs.shipped import MEANINGS
from hubs.wordings import filled, names_of, wrong_with
from placements.kinds import words
from tests import scenes
from tests.hubs.outbox_kind import KIND, queued

OFFERED = "placement-offered"


@pytest.fixture(autouse=True)
def box(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def wording(cast, **fields) -> MessageTemplate:
    given = {"kind": OFFERED, "language": "en-gb", "subject": "{school} asks you", "body": "One, {name}.\r\n\r\nTwo."}
    return MessageTemplate.objects.create(hub=cast.hub, **(given | fields))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Hello {name} of {school}", None),
        ("no names", None),
        ("{shcool}", "“{shcool}” is not known here. You can write {hub}, {name}, {title}, {employer}, {school}, {day}, "
                     "{count}, {reason}."),
        ("{school.name}", "“{school.name}” is not known here."),
        ("{school!r}", "“{school!r}” is not known here."),
        ("{}", "“{}” is not known here."),
        ("{school", "A brace stands alone."),
        ("{{school}}", "A brace stands alone."),
    ],
)  # fmt: skip
def test_broken_placeholders_get_a_sentence(text, sentence):
    said = wrong_with(text, OFFERED)
    assert (said is None) if sentence is None else said.startswith(sentence)


def test_what_somebody_typed_stands_in_no_subject():
    assert wrong_with("Because {reason}", OFFERED) is None
    assert "“{reason}” is not known here." in wrong_with("Because {reason}", OFFERED, short=True)


def test_what_is_filled_in_is_not_looked_into_again():
    assert filled("{a} {b}", {"a": "{b}", "b": "x"}) == "{b} x"


def test_no_kind_offers_a_students_name(cast):
    placement = scenes.placement(cast, state="accepted")
    student = placement.students.first().student
    student.name = "CANARY Name"
    student.save()
    filled_in = {**words(placement), **words(placement.request)}
    assert {name for kind in KINDS for name in names_of(kind)} <= {"hub", "name", *filled_in, *MEANINGS}
    assert [value for value in filled_in.values() if "CANARY" in value or student.alias in value] == []


def test_no_subject_names_a_student(cast):
    placement = scenes.placement(cast, state="accepted")
    for number, row in enumerate(placement.students.select_related("student")):
        row.student.name = f"CANARY {number}"
        row.student.save()
    for message in Message.objects.filter(state="due").order_by("pk"):
        Message.objects.filter(pk=message.pk).update(due_at=scenes.NOW, not_after=None)
    delivery.drain(lambda: scenes.NOW)
    assert len(mail.outbox) > 5
    aliases = list(placement.students.values_list("student__alias", flat=True))
    said = " ".join(one.subject for one in mail.outbox)
    assert [word for word in ("CANARY", *aliases) if word in said] == []


def test_hubs_own_words_are_sent_and_the_shipped_ones_are_the_fallback(cast):
    wording(cast, button="Answer us")
    wording(cast, language="de", subject="Nein")
    MessageTemplate.objects.create(hub=cast.hub_b, kind=KIND, language="en-gb", subject="Theirs", body="x")
    queued(cast.hub, cast.school, "the open day", scenes.NOW)
    scenes.placement(cast, state="offered")
    delivery.drain(lambda: scenes.NOW)
    by_address = {one.to[0]: one for one in mail.outbox}
    own = by_address["lead@brightwater.example"]
    assert (own.subject, "One, Lead Brightwater.\n\nTwo." in own.body) == ("Quayside School asks you", True)
    assert "Answer us:\nhttp://testserver:8000/l/answer/" in own.body
    assert by_address["reader@quayside.example"].subject == "About the open day"


def test_what_a_hub_words_in_another_language_than_the_frames_says_which(cast, settings):
    settings.MAIL_LANGUAGES = settings.LANGUAGES
    wording(cast, language="de", subject="Eine Anfrage", body="Guten Tag")
    scenes.placement(cast, state="offered")
    Message.objects.filter(kind=OFFERED).update(language="de")
    delivery.drain(lambda: scenes.NOW)
    html = next(one.alternatives[0][0] for one in mail.outbox if one.subject == "Eine Anfrage")
    assert re.findall(r'<(\w+)[^>]* lang="([^"]*)"', html)[:3] == [("html", "en-gb"), ("h1", "de"), ("p", "de")]


# ---- In the back office --------------------------------------------------------
def given(**fields) -> dict:
    return {"kind": OFFERED, "language": "en-gb", "subject": "S", "body": "B", "button": "", **fields}


def test_wording_is_written_looked_at_and_tried_on_oneself(cast, client):
    sync_staff(cast.hub)
    client.force_login(cast.amina)
    refused = client.post(reverse("wordings:add"), given(subject="{shcool}"))
    assert "“{shcool}” is not known here." in refused.content.decode()
    assert client.post(reverse("wordings:add"), given(subject="{school} asks")).status_code == 302
    row = MessageTemplate.objects.get()
    page = client.get(reverse("wordings:inspect", args=[row.pk])).content.decode()
    assert reverse("wordings:preview", args=[row.pk]) in page
    assert "Hello Amina Lead,\n\nB\n" in page
    preview = client.get(reverse("wordings:preview", args=[row.pk]))
    assert "Quayside School asks</h1>" in preview.content.decode()
    assert preview["Content-Security-Policy"].startswith("sandbox")
    assert client.post(reverse("wordings:act", args=[row.pk, "test"])).status_code == 302
    message = Message.objects.get(kind="wording-test")
    assert (message.address, LogEntry.objects.filter(verb="tried").count()) == (cast.amina.email, 1)
    delivery.drain(lambda: message.due_at)
    assert mail.outbox[-1].subject == "Test: Quayside School asks"


def test_page_begins_with_the_words_as_they_are_the_names_and_a_look(cast, client):
    sync_staff(cast.hub)
    client.force_login(cast.amina)
    first = client.get(reverse("wordings:add")).content.decode()
    assert f"?kind={OFFERED}&amp;language=en-gb" in first
    page = client.get(reverse("wordings:add"), {"kind": OFFERED, "language": "en-gb"})
    form = page.context["form"]
    assert form.initial["subject"] == "Can you take {count} from {school} on {day}?"
    assert "Have a look and say yes or no. No password is needed." in form.initial["body"]
    assert form.initial["button"] == "See the request and answer"
    assert [name for name, _label in form.fields["kind"].choices] == [OFFERED]
    text = page.content.decode()
    assert "<code>{school}</code></td><td>the school</td><td>Quayside School</td>" in text
    shown = client.post(reverse("wordings:look"), given(subject="{school} asks", body="Hello from {hub}", text_line=""))
    assert "Quayside School asks</h1>" in shown.content.decode()
    assert "Hello from Harbour Careers Hub" in shown.content.decode()
    assert (shown["Content-Security-Policy"].startswith("sandbox"), MessageTemplate.objects.count()) == (True, 0)


def test_what_cannot_be_sent_is_said_instead_of_a_preview(cast, client):
    sync_staff(cast.hub)
    client.force_login(cast.amina)
    shown = client.post(reverse("wordings:look"), given(subject="{reason}", text_line="")).content.decode()
    assert "“{reason}” is not known here." in shown
    nothing = client.post(reverse("wordings:look"), given(kind="nothing", text_line="")).content.decode()
    assert "Choose a message first." in nothing


def test_wording_that_stands_is_changed_beside_the_shipped_words(cast, client):
    row = wording(cast)
    sync_staff(cast.hub)
    client.force_login(cast.amina)
    assert reverse("wordings:edit", args=[row.pk]) in client.get(reverse("wordings:add")).content.decode()
    page = client.get(reverse("wordings:edit", args=[row.pk]))
    assert page.context["form"].initial["subject"] == "{school} asks you"
    assert "Can you take {count} from {school} on {day}?" in page.content.decode()


def test_wording_of_another_hub_is_nobodys_business(cast, client):
    row = wording(cast)
    sync_staff(cast.hub_b)
    client.force_login(cast.chloe)
    assert (
        client.get(reverse("wordings:inspect", args=[row.pk]), headers={"host": "fells.localhost"}).status_code == 404
    )
    assert (
        client.get(reverse("wordings:preview", args=[row.pk]), headers={"host": "fells.localhost"}).status_code == 404
    )
