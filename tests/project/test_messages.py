"""The registry of kinds, as a whole."""

from __future__ import annotations

import io
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from hubs.outbox import KINDS

OURS = {name: kind for name, kind in KINDS.items() if not name.startswith("test-")}
NOBODY_IS_LEFT_IN_DOUBT = "Run: python manage.py message_kinds > docs/messages.md"


def test_list_in_the_documentation_is_current(monkeypatch):
    for name in KINDS.keys() - OURS.keys():
        monkeypatch.delitem(KINDS, name)
    said = io.StringIO()
    call_command("message_kinds", stdout=said)
    assert said.getvalue() == (Path(settings.BASE_DIR) / "docs/messages.md").read_text(), NOBODY_IS_LEFT_IN_DOUBT


def test_every_kind_says_when_and_why():
    assert [name for name, kind in OURS.items() if not (str(kind.when) and str(kind.why) and str(kind.about))] == []


def test_what_waits_for_a_digest_may_be_gathered():
    assert [name for name, kind in OURS.items() if kind.urgency == "digest" and not kind.may_digest] == []
    assert [name for name, kind in OURS.items() if kind.may_opt_out and kind.urgency == "now"] == []
