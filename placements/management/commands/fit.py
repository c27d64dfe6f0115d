"""Say which published sessions fit a group, and why the others do not."""

from __future__ import annotations

import datetime as dt
import json
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from hubs.errors import Refused
from hubs.languages import speaking
from placements.domain.fitting import SessionFit, fits_for_group
from schools.domain.find import find_group, find_school
from schools.domain.words import sentence
from schools.models import Group


def moment(text: str) -> dt.datetime:
    """An instant with its offset; without one, UTC."""
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text} is no instant such as 2026-09-15T09:00+01:00") from error
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text} is no day such as 2026-09-15") from error


class Command(BaseCommand):
    help = "List the hub's open sessions for a group, best first, with verdict, cost and reasons."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("school", help="id, exact name or number of the school")
        parser.add_argument("group", help="name of the group, its name in the timetable, or its id")
        parser.add_argument("--json", action="store_true", help="machine-readable")
        parser.add_argument("--from", dest="start", type=day, help="first day, local date")
        parser.add_argument("--to", dest="end", type=day, help="last day, local date")
        parser.add_argument("--students", type=int, help="how many go; the whole group when left out")
        parser.add_argument("--now", type=moment, help="judge as of this instant")

    def handle(self, *args: Any, **options: Any) -> None:
        now = options["now"] or timezone.now()
        try:
            school = find_school(options["school"])
            group = find_group(school, options["group"])
            with speaking(school.hub.language):
                found = fits_for_group(
                    group, now=now, start=options["start"], end=options["end"], students=options["students"]
                )
                self.say(group, found, now, as_json=options["json"])
        except Refused as refusal:
            raise CommandError(refusal.sentence) from refusal

    def say(self, group: Group, found: list[SessionFit], now: dt.datetime, *, as_json: bool) -> None:
        if as_json:
            answer = {
                "school": {"id": group.school_id, "name": group.school.name},
                "group": {"id": group.pk, "name": group.name, "size": group.size},
                "now": now,
                "sessions": [as_dict(one) for one in found],
            }
            self.stdout.write(json.dumps(answer, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2))
            return
        for one in found:
            self.stdout.write(f"{one.session.first_on}  {one.session.opportunity.title}: {one.sentence}")
        if not found:
            self.stdout.write("No open sessions in these dates.")


def as_dict(one: SessionFit) -> dict[str, Any]:
    session, fit = one.session, one.fit
    return {
        "session": session.pk,
        "opportunity": session.opportunity_id,
        "title": session.opportunity.title,
        "employer": session.employer.name,
        "starts_at": session.starts_at.astimezone(session.zone),
        "ends_at": session.ends_at.astimezone(session.zone),
        "places_left": session.left,
        "verdict": fit.verdict,
        "sentence": one.sentence,
        "reasons": [
            {"code": r.code, "level": r.level, "facts": dict(r.facts), "sentence": sentence(r)} for r in fit.reasons
        ],
        "lessons_missed": [{"subject": m.subject, "count": m.count, "minutes": m.minutes} for m in fit.lessons_missed],
        "minutes_missed": fit.minutes_missed,
        "travel_minutes": one.travel_minutes,
    }
