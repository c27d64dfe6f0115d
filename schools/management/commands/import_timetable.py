"""Import a school's timetable."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from hubs.actors import system
from hubs.errors import Refused
from hubs.languages import speaking
from schools.domain.diff import ALL
from schools.domain.find import find_school
from schools.domain.foresight import would_hit
from schools.domain.timetable import TimetablePlan, apply_timetable_import, plan_timetable_import, unsettled
from schools.domain.timetable_rows import Answers
from schools.domain.words_files import timetable_problem
from schools.management.files import bell_from, days_from, hits_in_words, pairs, read_file
from schools.models import School
from schools.timetables import FORMATS


def hint(plan: TimetablePlan) -> str:
    """The option that would answer what a plan asks first."""
    if plan.unread_weeks:
        return '--weeks "1=A,2=B"'
    return '--days "Day 1=Mon A"' if plan.unread_days else '--bell "P1=09:00-10:00"'


class Command(BaseCommand):
    help = "Import a school's lessons and groups from its timetable program's export."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("school", help="id, exact name or number of the school")
        parser.add_argument("file", help="the export; - reads standard input")
        parser.add_argument("--format", choices=FORMATS, help="leave out to look at the file")
        parser.add_argument("--bell", default="", help='the periods, "P1=09:00-10:00,P2=10:00-11:00"')
        parser.add_argument("--map", default="", help='columns of a plain CSV, "group=Class,day=Day,hour=Period"')
        parser.add_argument("--days", default="", help='what day names mean, "Day 1=Mon A,Day 2=Tue A"')
        parser.add_argument("--groups", default="", help='what names of the file mean, "10 A=10A"')
        parser.add_argument("--weeks", default="", help='which of the school\'s weeks those of the file are, "1=A,2=B"')
        parser.add_argument("--overwrite", action="store_true", help="also replace what was changed by hand")
        parser.add_argument("--without-problems", action="store_true", help="load the rest when lines cannot be read")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            school = find_school(options["school"])
            with speaking(school.hub.language):
                self.run(school, options)
        except Refused as refusal:
            raise CommandError(refusal.sentence) from refusal

    def run(self, school: School, options: dict[str, Any]) -> None:
        now = timezone.now()
        plan = plan_timetable_import(
            school,
            read_file(options["file"]),
            now=now,
            format=options["format"],
            mapping=pairs(options["map"], "group=Class"),
            bell_schedule=bell_from(options["bell"]),
            answers=Answers(
                days=days_from(options["days"]),
                groups=pairs(options["groups"], "10 A=10A"),
                weeks=pairs(options["weeks"], "1=A"),
                overwrite=(ALL,) if options["overwrite"] else (),
                without_problems=options["without_problems"],
            ),
            file_name=Path(options["file"]).name,
        )
        for problem in plan.parsed.problems:
            self.stderr.write(timetable_problem(problem))
        if plan.asks_problems:
            raise CommandError(f"{unsettled(plan)} (--without-problems)")
        if not plan.is_settled:
            raise CommandError(f"{unsettled(plan)} ({hint(plan)})")
        by = system(school.hub_id, via="command")
        hits = would_hit(plan, by=by, now=now)
        if not options["dry_run"]:
            apply_timetable_import(plan, by=by, now=now)
        self.say(plan, dry=options["dry_run"])
        for line in hits_in_words(hits):
            self.stdout.write(f"  note: {line}")

    def say(self, plan: TimetablePlan, *, dry: bool) -> None:
        self.stdout.write(f"{plan.school}: {'would change' if dry else 'imported'} ({plan.parsed.format})")
        words = ", ".join(f"{count} {what}" for what, count in plan.counts.items() if count)
        self.stdout.write(f"  lessons: {words or 'none'}")
        self.stdout.write(f"  groups: {len(plan.groups)}, new {len(plan.new_groups)}")
        if plan.bell:
            self.stdout.write("  bell: " + ", ".join(f"{p.label} {p.start:%H:%M}-{p.end:%H:%M}" for p in plan.bell))
        for warning in plan.warnings:
            self.stdout.write(f"  note: {warning}")
