"""Answers by mail: onto the timeline, into quarantine, and nothing of it believed."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from django.urls import reverse

from cms.domain import open_site
from hubs.actors import system
from hubs.delivery import drain
from hubs.domain.staff import sync_staff
from hubs.errors import CannotAct
from hubs.mail_in import CannotReadMail, new_words, read
from hubs.models import LogEntry, Message
from placements import threads
from placements.domain import replies
from placements.models import Placement, Reply, ReplyFile
from placements.roads import history
from tests import scenes
from tests.cast import NOW, actor
from tests.employers.papers import EICAR
from tests.placements.mails import PDF, SENDER, mail, quoting

KEY = "gateway-key"
LATER = NOW + dt.timedelta(hours=2)


@pytest.fixture(autouse=True)
def taken_in(settings):
    settings.INBOUND_ADDRESS, settings.INBOUND_KEY = "reply@in.hub.example", KEY
    settings.DEFAULT_FROM_EMAIL = f"Throughline <{SENDER}>"


@pytest.fixture
def placement(cast) -> Placement:
    return scenes.placement(cast, state="accepted")


def receive(placement, message, *, side="employer", now=LATER) -> str:
    return replies.receive_mail(bytes(message), threads.address_of(placement, side), now=now)


# ---- Addresses -------------------------------------------------------------------
def test_address_names_nobody_and_leads_back(placement):
    found = {side: threads.address_of(placement, side) for side in ("school", "employer")}
    assert len(set(found.values())) == 2
    for side, address in found.items():
        assert threads.behind(address) == (placement, side)
        assert threads.behind(f"<{address.upper()}>") == (placement, side)
        assert len(address.partition("@")[0]) <= 64


def test_changed_or_foreign_address_leads_nowhere(placement):
    address = threads.address_of(placement, "employer")
    local, _at, domain = address.partition("@")
    other = local.replace("reply+e", "reply+s")
    for wrong in (
        f"{local[:-1]}!@{domain}",
        f"{other}@{domain}",
        f"{local}@elsewhere.example",
        "reply@in.hub.example",
        "",
        "@",
    ):
        assert threads.behind(wrong) is None
    with pytest.raises(replies.CannotFindThread):
        replies.receive_mail(bytes(mail()), f"{other}@{domain}", now=LATER)
    assert Reply.objects.count() == 0


def test_address_outlives_a_change_of_the_secret_key(placement, settings):
    address = threads.address_of(placement, "school")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another" * 10
    assert threads.behind(address) == (placement, "school")
    settings.SECRET_KEY_FALLBACKS = []
    assert threads.behind(address) is None


def test_mails_of_a_placement_are_answered_to_its_thread(placement, mailoutbox):
    drain(lambda: NOW)
    sent = {(one.to[0], one.subject.partition(":")[0]): one.reply_to for one in mailoutbox}
    assert sent["coordinator@quayside.example", "Agreed"] == [threads.address_of(placement, "school")]
    assert sent["lead@brightwater.example", "Agreed"] == [threads.address_of(placement, "employer")]


@pytest.mark.parametrize(
    ("inbound", "said"),
    [
        ("reply@in.hub.example", "Answers to this mail are read by Harbour Careers Hub and Quayside School."),
        ("", "Answers to this mail reach desk@harbour.example."),
    ],
)
def test_mail_says_who_reads_the_answers(placement, mailoutbox, settings, inbound, said):
    settings.INBOUND_ADDRESS = inbound
    drain(lambda: NOW)
    agreed = [one for one in mailoutbox if one.subject.startswith("Agreed")]
    for text in [part for one in agreed for part in (one.body, one.alternatives[0][0])]:
        assert (text.count("Answers to this mail"), text.count(said)) == (1, 1)


def test_where_none_are_taken_in_answers_go_to_the_hub(placement, mailoutbox, settings):
    settings.INBOUND_ADDRESS = ""
    drain(lambda: NOW)
    assert {tuple(one.reply_to) for one in mailoutbox} == {("desk@harbour.example",)}


# ---- Words -----------------------------------------------------------------------
ABOVE = {
    "gmail": f"On Tue, 15 Sep 2026 at 10:00, Harbour Careers Hub <{SENDER}> wrote:",
    "wrapped": f"On Tue, 15 Sep 2026 at 10:00, Harbour Careers Hub of the Bay\n<{SENDER}> wrote:",
    "german": f"Am Di., 15. Sept. 2026 um 10:00 Uhr schrieb Harbour Careers Hub <{SENDER}>:",
    "french": f"Le mar. 15 sept. 2026 à 10:00, Harbour Careers Hub <{SENDER}> a écrit :",
    "outlook": f"________________________________\nFrom: Harbour Careers Hub <{SENDER}>\nSent: Tuesday",
    "old outlook": "-----Ursprüngliche Nachricht-----\nVon: Harbour",
    "signature": "-- \nLead Brightwater, Dock 3",
}


@pytest.mark.parametrize("client", ABOVE)
def test_only_the_new_words_are_kept(client):
    text = quoting("Use the side door.\n\nAsk for Robin: 9:30 is fine.", ABOVE[client])
    assert new_words(text, [SENDER]) == "Use the side door.\n\nAsk for Robin: 9:30 is fine."


def test_answer_right_above_the_quotation_is_kept():
    assert new_words(f"Yes.\nOn Tuesday Harbour <{SENDER}> wrote:\n> Old", [SENDER]) == "Yes."
    assert new_words("> Can you?\nYes.\n> When?\nAt nine.\n", [SENDER]) == "Yes.\nAt nine."


def test_page_of_html_is_read_as_words():
    page = (
        "<style>p {}</style><script>alert(1)</script><p>Use the <b>side</b> door.</p><p>Robin &lt;b&gt;</p>"
        f'<div class="gmail_quote">On Tuesday <{SENDER}> wrote:<blockquote>Old</blockquote></div>'
    )
    message = mail()
    message.set_content(page, subtype="html")
    assert read(bytes(message), ours=[SENDER]).text == "Use the side door.\n\nRobin <b>"


@pytest.mark.parametrize(
    "bad", ["On " * 7000, "> " * 9000, "-" * 20000, "From: a\n" * 2500, "<div>" * 20000, "_ " * 9000]
)
def test_no_mail_takes_long(bad):
    for subtype in ("plain", "html"):
        message = mail()
        message.set_content(bad, subtype=subtype)
        started = time.process_time()
        read(bytes(message), ours=[SENDER])
        assert time.process_time() - started < 2


def test_long_text_is_cut_and_says_so(placement):
    assert receive(placement, mail("word " * 2000)) == "kept"
    reply = Reply.objects.get()
    assert (len(reply.text), reply.cut) == (4000, True)


def test_unseen_characters_are_taken_out():
    assert new_words("a\u202eb\x00c\u200b\x07", []) == "abc"


@pytest.mark.parametrize("raw", [b"", b"\x00\xff", b"no headers at all"])
def test_what_is_no_mail_is_refused(placement, raw):
    with pytest.raises(CannotReadMail):
        replies.receive_mail(raw, threads.address_of(placement, "school"), now=LATER)


@pytest.mark.parametrize(
    "raw",
    [
        b"From: \xff\xfe\r\nMessage-ID: <\r\nContent-Type: text/plain; charset=nonsense\r\n\r\nwords",
        b"From: =?utf-8?q?=00?= <a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nwords\r\n--b",
        b"Subject: x\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
    ],
)
def test_broken_mail_is_no_error(placement, raw):
    try:
        replies.receive_mail(raw, threads.address_of(placement, "school"), now=LATER)
    except CannotReadMail:
        assert Reply.objects.count() == 0


# ---- The timeline ----------------------------------------------------------------
def test_answer_lands_on_the_timeline_and_is_told(placement, cast, mailoutbox):
    state = Placement.objects.values().get(pk=placement.pk)
    assert receive(placement, mail(quoting("Use the side door. Ask for Zoë Canary.", ABOVE["gmail"]))) == "kept"
    entry = history(placement)[0]
    assert (entry["who"], entry["what"], entry["reply"].text) == (
        "Brightwater Engineering", "wrote by mail", "Use the side door. Ask for Zoë Canary.",
    )  # fmt: skip
    assert entry["reply"].known
    log = LogEntry.objects.about(placement).get(verb="mail_received")
    assert (log.facts, log.reason) == ({"reply": entry["reply"].pk, "side": "employer"}, "")
    assert Placement.objects.values().get(pk=placement.pk) == state
    drain(lambda: LATER)
    told = {one.to[0]: one for one in mailoutbox if "answered" in one.subject}
    assert sorted(told) == ["coordinator@quayside.example", "desk@harbour.example"]
    for one in told.values():
        assert "Canary" not in one.subject + one.body + one.alternatives[0][0]


def test_schools_own_answer_is_told_to_the_hub_alone(placement):
    receive(placement, mail(sender="coordinator@quayside.example"), side="school")
    assert list(Message.objects.filter(kind="mail-received").values_list("address", flat=True)) == [
        "desk@harbour.example"
    ]


def test_same_mail_twice_is_there_once(placement):
    assert [receive(placement, mail()), receive(placement, mail())] == ["kept", "again"]
    assert [receive(placement, mail(key="2")), Reply.objects.count()] == ["kept", 2]
    assert Message.objects.filter(kind="mail-received").count() == 2  # two people, once that day


def test_mails_without_end_are_stopped(placement, monkeypatch):
    monkeypatch.setattr(replies, "MOST_A_DAY", 2)
    became = [receive(placement, mail(key=str(number))) for number in range(3)]
    assert became == ["kept", "kept", "too_many"]
    assert receive(placement, mail(key="9"), now=LATER + dt.timedelta(days=2)) == "kept"


@pytest.mark.parametrize("headers", [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"Return_Path": "<>"}])
def test_machines_are_not_listened_to(placement, headers):
    assert (receive(placement, mail("I am away.", **headers)), Reply.objects.count()) == ("automatic", 0)


def test_address_we_never_wrote_to_is_marked(placement):
    receive(placement, mail(sender="stranger@else.example"))
    assert Reply.objects.get().known is False


HOSTILE = "<script>alert(1)</script>\n<img src=x onerror=alert(2)> {{ 7*7 }} https://evil.example"


def test_school_and_hub_see_it_escaped_and_nobody_else(placement, cast, client):
    receive(placement, mail(HOSTILE))
    open_site(cast.hub, by=system(), now=NOW)
    sync_staff(cast.hub)
    for person, name in ((cast.coordinator, "school-placement"), (cast.amina, "placements:inspect")):
        client.force_login(person)
        page = client.get(reverse(name, args=[placement.pk])).content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<script>alert(1)" not in page
        assert "<img src=x" not in page
        assert "7*7" in page
    client.force_login(cast.employer_lead)
    assert "alert(1)" not in client.get(reverse("employer-placement", args=[placement.pk])).content.decode()


# ---- Files -----------------------------------------------------------------------
def files(*names: str, content=PDF):
    message = mail("See the map.")
    for name in names:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message


def test_file_waits_for_the_hub(placement, cast, client):
    receive(placement, files("../../map of the <docks>.exe"))
    row = ReplyFile.objects.get()
    assert (row.shown_name, row.mimetype, row.state) == ("map of the docks.pdf", "application/pdf", "quarantined")
    assert "map" not in row.file.name
    address = reverse("reply-file", args=[row.pk])
    settle = reverse("reply-file-settle", args=[row.pk, "let-through"])
    for person in (cast.coordinator, cast.employer_lead, cast.other_coordinator, cast.chloe):
        client.force_login(person)
        assert [client.get(address).status_code, client.post(settle).status_code] == [404, 404]
    client.force_login(cast.amina)
    answer = client.get(address)
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert client.post(settle).status_code == 302
    client.force_login(cast.coordinator)
    assert client.get(address).status_code == 200
    assert client.post(settle).status_code == 404  # a coordinator has no seat in the back office
    client.force_login(cast.employer_lead)
    assert client.get(address).status_code == 404


def test_school_cannot_let_a_file_through(placement, cast):
    receive(placement, files("map.pdf"))
    with pytest.raises(CannotAct):
        replies.let_through(ReplyFile.objects.get(), by=actor(cast.coordinator, cast.hub, cast.school), now=LATER)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_thrown_away_is_gone(placement, cast):
    receive(placement, files("map.pdf"))
    row = ReplyFile.objects.get()
    storage, name = row.file.storage, row.file.name
    assert storage.exists(name)
    replies.throw_away(row, by=scenes.desk(cast), now=LATER)
    assert not storage.exists(name)
    assert ReplyFile.objects.get().state == "refused"


@pytest.mark.parametrize(
    "content",
    [
        b"MZ a program",
        b"PK\x03\x04 macros",
        b"<html>",
        b"",
        b"%PDF-" + b"0" * 5 * 1024 * 1024,
        b"%PDF-1.4 words",
        PDF + b"PK\x03\x04 an archive behind",
        EICAR,
    ],
)
def test_other_files_are_not_kept_and_it_is_said(placement, content):
    receive(placement, files("map.pdf", content=content))
    assert (ReplyFile.objects.count(), Reply.objects.get().left_out) == (0, 1)


def test_five_files_at_most(placement):
    receive(placement, files(*[f"{number}.pdf" for number in range(7)]))
    assert (ReplyFile.objects.count(), Reply.objects.get().left_out) == (5, 2)
