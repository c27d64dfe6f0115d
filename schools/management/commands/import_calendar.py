"""Import a school's term dates from an iCalendar file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from hubs.actors import system
from hubs.errors import Refused
from hubs.languages import speaking
from schools.domain.calendar import CYCLES, CalendarPlan, apply_calendar_import, plan_calendar_import
from schools.domain.find import find_school
from schools.domain.foresight import would_hit
from schools.domain.words_files import calendar_problem
from schools.management.files import hits_in_words, read_file
from schools.models import School


class Command(BaseCommand):
    help = "Import a school's term dates, holidays, staff days and exams from an iCalendar file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("school", help="id, exact name or number of the school")
        parser.add_argument("file", help="the .ics file; - reads standard input")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
        parser.add_argument(
            "--cycle",
            type=int,
            choices=CYCLES,
            help="weeks in the timetable's cycle, for files that number their weeks",
        )
        parser.add_argument("--overwrite", action="store_true", help="also replace what was changed by hand")
        parser.add_argument("--without-problems", action="store_true", help="load the rest when events cannot be read")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            school = find_school(options["school"])
            with speaking(school.hub.language):
                self.run(school, options)
        except Refused as refusal:
            raise CommandError(refusal.sentence) from refusal

    def run(self, school: School, options: dict[str, Any]) -> None:
        now = timezone.now()
        plan = plan_calendar_import(
            school,
            read_file(options["file"]),
            now=now,
            file_name=Path(options["file"]).name,
            cycle=options["cycle"],
            overwrite=options["overwrite"],
            without_problems=options["without_problems"],
        )
        for problem in plan.parsed.problems:
            self.stderr.write(calendar_problem(problem))
        by = system(school.hub_id, via="command")
        hits = would_hit(plan, by=by, now=now)
        if not options["dry_run"]:
            apply_calendar_import(plan, by=by, now=now)
        self.say(plan, dry=options["dry_run"])
        for line in hits_in_words(hits):
            self.stdout.write(f"  note: {line}")

    def say(self, plan: CalendarPlan, *, dry: bool) -> None:
        self.stdout.write(f"{plan.school}: {'would change' if dry else 'imported'}")
        for label, counts in plan.counts.items():
            words = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
            if words:
                self.stdout.write(f"  {label.partition('.')[2]}: {words}")
        if plan.letters:
            self.stdout.write(f"  weeks: {'/'.join(plan.letters)} from {plan.anchor}")
        for warning in plan.warnings:
            self.stdout.write(f"  note: {warning}")
