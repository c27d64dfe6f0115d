"""The demonstration's mail page: shut without DEMO, harmless with it, complete."""

from __future__ import annotations

import datetime as dt
from email.message import EmailMessage

import pytest
from django.utils import timezone

from hubs import delivery, outbox
from hubs.mailbox import at_this_port
from hubs.models import Message, MessageAttempt
from tests.hubs.outbox_kind import GATHERED, KIND, TO, note, queued


@pytest.fixture
def box(cast, settings):
    """Two mails in the mailbox of a demonstration: (older, newer) rows."""
    settings.DEMO = True
    settings.EMAIL_BACKEND = "hubs.mailbox.MailboxBackend"
    now = timezone.now()
    first = queued(cast.hub, cast.school, "the open day", now)
    Message.objects.filter(pk=first.pk).update(address="other@quayside.example")
    delivery.drain(lambda: now)
    second = queued(cast.hub, cast.school, "<script>alert(1)</script>", now)
    delivery.drain(lambda: now)
    return first, second


def keys(client) -> list[str]:
    return [mail.key for mail in client.get("/demo/mail/").context["page"]]


def said(response) -> str:
    return response.content.decode()


def test_mail_is_shut_outside_the_demonstration(client, box, settings):
    key = keys(client)[0]
    settings.DEMO = False
    for tail in ("", f"{key}/", f"{key}/html/", f"{key}/attachments/0/"):
        assert client.get(f"/demo/mail/{tail}").status_code == 404


def test_mail_is_listed_newest_first_and_by_recipient(client, box):
    page = client.get("/demo/mail/")
    assert [mail.to for mail in page.context["page"]] == ["reader@quayside.example", "other@quayside.example"]
    only = client.get("/demo/mail/", {"to": "other@quayside.example"})
    assert [mail.to for mail in only.context["page"]] == ["other@quayside.example"]
    assert "lets hub staff sign in without a second factor" in said(page)


def test_links_of_an_earlier_run_lead_to_this_ones_port(settings):
    settings.PUBLIC_PORT = 8123
    written = (
        "http://localhost:8000/a http://fells.localhost:8000/b http://localhost/c https://localhost.example:8000/d"
    )
    assert at_this_port(written) == (
        "http://localhost:8123/a http://fells.localhost:8123/b http://localhost/c https://localhost.example:8000/d"
    )


def test_mail_written_under_another_port_is_shown_with_this_one(settings, client, cast):
    settings.DEMO, settings.PUBLIC_PORT = True, 8123
    mail = EmailMessage()
    mail.set_content("Open http://localhost:8000/l/abc/ and say yes.")
    settings.MAILBOX_DIR.mkdir()
    (settings.MAILBOX_DIR / "1.eml").write_bytes(bytes(mail))
    assert "http://localhost:8123/l/abc/" in said(client.get("/demo/mail/1/"))


def test_empty_mailbox_says_how_to_fill_it(cast, client, settings):
    settings.DEMO = True
    assert "what is sent appears here within seconds" in said(client.get("/demo/mail/"))


def test_mail_shows_links_attachments_and_the_road_of_its_row(client, box):
    key = keys(client)[1]
    page = client.get(f"/demo/mail/{key}/")
    [(row, words, language)] = page.context["rows"]
    assert (row, words, language) == (box[0], str(outbox.KINDS[row.kind].about), "English")
    assert [step.outcome for step in row.history.all()] == ["sent"]
    link = "http://testserver:8000/l/answer/abc/?a=1&amp;b=2"
    assert said(page).count(f'href="{link}"') == 2  # among the links, and in the plain text
    assert f'src="/demo/mail/{key}/html/"' in said(page)
    assert f'href="/demo/mail/{key}/attachments/0/"' in said(page)
    assert "frame-src 'self'" in page["Content-Security-Policy"]


def test_digest_shows_the_road_of_each_of_its_rows(cast, client, settings):
    settings.DEMO = True
    settings.EMAIL_BACKEND = "hubs.mailbox.MailboxBackend"
    now = dt.datetime(2026, 9, 16, 7, 0, tzinfo=dt.UTC)
    rows = [
        outbox.queue(GATHERED, note(cast.hub, cast.school, text, now), TO, now=now, due_at=now)
        for text in ("one", "two", "three")
    ]
    alone = outbox.queue(KIND, note(cast.hub, cast.school, "four", now), TO, now=now)
    Message.objects.filter(pk=rows[1].pk).update(attempts=1)
    MessageAttempt.objects.create(message=rows[1], at=now, outcome="due", detail="the server was away")
    delivery.drain(lambda: now)
    pages = [client.get(f"/demo/mail/{key}/") for key in keys(client)]
    assert {tuple(row for row, *_words in page.context["rows"]) for page in pages} == {tuple(rows), (alone,)}
    digest = next(page for page in pages if len(page.context["rows"]) == 3)
    assert [[step.outcome for step in row.history.all()] for row, *_words in digest.context["rows"]] == [
        ["sent"], ["due", "sent"], ["sent"],
    ]  # fmt: skip
    assert said(digest).count("the server was away") == 1


@pytest.mark.parametrize(("query", "width"), [({}, "phone"), ({"width": "desk"}, "desk"), ({"width": "x"}, "phone")])
def test_mail_is_shown_as_wide_as_on_a_phone_or_at_a_desk(client, box, query, width):
    page = said(client.get(f"/demo/mail/{keys(client)[0]}/", query))
    assert [f'class="mail-frame {name}"' in page for name in ("phone", "desk")] == [width == "phone", width == "desk"]
    assert f'href="?width={width}" aria-current="true"' in page
    assert page.count("aria-current") == 1


def test_mail_as_read_runs_nothing(client, box):
    page = client.get(f"/demo/mail/{keys(client)[0]}/html/")
    assert page["Content-Security-Policy"] == (
        "sandbox allow-top-navigation-by-user-activation; default-src 'none'; "
        "style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
    )
    assert page["X-Frame-Options"] == "SAMEORIGIN"
    assert ("<script>" in said(page), "&lt;script&gt;alert(1)" in said(page)) == (False, True)
    assert '<base target="_top">' in said(page)


def test_attachment_is_downloaded(client, box):
    key = keys(client)[0]
    response = client.get(f"/demo/mail/{key}/attachments/0/")
    assert (response["Content-Disposition"], response["Content-Type"]) == (
        'attachment; filename="when.ics"',
        "text/calendar",
    )
    assert response.content == b"BEGIN:VCALENDAR\r\n"
    assert client.get(f"/demo/mail/{key}/attachments/1/").status_code == 404


@pytest.mark.parametrize("key", ["1", "abc", "²", "..", "%2e%2e%2fsecret", "1" * 400])
def test_mail_with_unknown_key_is_404(client, box, key):
    assert client.get(f"/demo/mail/{key}/").status_code == 404


def test_mail_is_only_read(client, box):
    assert client.post("/demo/mail/").status_code == 405
