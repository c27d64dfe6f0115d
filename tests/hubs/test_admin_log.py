"""The log as the hub reads it: what each entry is about, by its name."""

from __future__ import annotations

import pytest
from django.urls import reverse

from hubs.models import LogEntry
from hubs.models.log import name_subjects
from tests import scenes
from tests.cast import NOW
from tests.hubs import admin_world


@pytest.fixture
def amina(client, cast, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    admin_world.build(cast)
    client.force_login(cast.amina)
    return client


def test_list_and_entry_say_what_they_are_about_by_its_name(amina, cast):
    placement = scenes.placement(cast, state="offered")
    page = amina.get(reverse("log:index")).content.decode()
    assert f"placement {placement}" in page
    entry = LogEntry.objects.about(placement).first()
    assert f"placement {placement}" in amina.get(reverse("log:inspect", args=[entry.pk])).content.decode()


def test_what_is_gone_is_told_by_its_number(cast):
    entry = LogEntry.objects.create(hub=cast.hub, at=NOW, via="page", verb="added", subject_type="schools.school",
                                    subject_id=987_654)  # fmt: skip
    name_subjects([entry])
    assert entry.about == "school 987654"


@pytest.mark.parametrize("rows", [1, 3])
def test_names_cost_one_statement_for_each_sort_of_row(cast, django_assert_num_queries, rows):
    for number in range(rows):
        session = scenes.session(scenes.opportunity(cast.employer, title=f"Offer {number}"))
        scenes.placement(cast, state="offered", wanted=session, of=scenes.group(cast.school, f"1{number}"))
    entries = list(LogEntry.objects.filter(subject_type__in=["placements.placement", "placements.placementrequest"]))
    assert len({entry.subject_id for entry in entries if entry.subject_type == "placements.placement"}) == rows
    with django_assert_num_queries(2):
        name_subjects(entries)
        assert all(entry.about for entry in entries)
