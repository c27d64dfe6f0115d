"""Import class lists from a OneRoster zip."""

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
from schools.domain.roster import RosterPlan, apply_roster, plan_roster, read_roster
from schools.domain.roster_rows import RosterChoices
from schools.domain.words_roster import counts_in_words, roster_problem
from schools.management.files import hits_in_words, read_file
from schools.models import School
from schools.oneroster_types import ORDERS


class Command(BaseCommand):
    help = "Import a school's terms, groups, students and class lists from a OneRoster 1.1 or 1.2 zip."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("school", help="id, exact name or number of the school")
        parser.add_argument("file", help="the zip; - reads standard input")
        parser.add_argument("--names", action="store_true", help="also keep first and family names")
        parser.add_argument("--leavers", action="store_true", help="who is not in the file any more has left")
        parser.add_argument("--dates", choices=ORDERS, default="", help="how 1/05/2023 is meant: day or month first")
        parser.add_argument("--organisation", default="", help="sourcedId of the school, when the file holds several")
        parser.add_argument("--overwrite", action="store_true", help="also replace what was changed by hand")
        parser.add_argument("--without-problems", action="store_true", help="load the rest when rows cannot be read")
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
        choices = RosterChoices(
            school=options["organisation"],
            order=options["dates"],
            leavers=options["leavers"],
            overwrite=(ALL,) if options["overwrite"] else (),
            without_problems=options["without_problems"],
        )
        parsed = read_roster(read_file(options["file"]), names=options["names"])
        plan = plan_roster(school, parsed, now=now, choices=choices, file_name=Path(options["file"]).name)
        for problem in plan.problems:
            self.stderr.write(roster_problem(problem))
        by = system(school.hub_id, via="command")
        hits = would_hit(plan, by=by, now=now)
        if not options["dry_run"]:
            apply_roster(plan, by=by, now=now)
        self.say(plan, dry=options["dry_run"])
        for line in hits_in_words(hits):
            self.stdout.write(f"  note: {line}")

    def say(self, plan: RosterPlan, *, dry: bool) -> None:
        self.stdout.write(f"{plan.school}: {'would change' if dry else 'imported'} ({plan.parsed.rows} rows)")
        for name, counts in plan.counts.items():
            self.stdout.write(f"  {name}: {counts_in_words(counts)}")
        if plan.people.leavers and not plan.choices.leavers:
            self.stdout.write(f"  not in the file any more: {len(plan.people.leavers)} (--leavers)")
        for warning in plan.warnings:
            self.stdout.write(f"  note: {warning}")
