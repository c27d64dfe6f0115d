"""What an opportunity still lacks: the guard of its moves, and the list on its review page.

The requirement rules are dated data of the hub's jurisdiction; here are only the checks
whose answer the record knows. A rule that is neither verified nor decided on by the hub, or
whose check nobody has written, warns and never blocks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from hubs.models import HubRequirement, Requirement

#: Tiers of encounters that happen at a workplace: these need a site.
WORKPLACE_TIERS = frozenset({"T2", "T3", "T4", "T5"})
LAST_TWO_YEARS_FROM = 14  # years of age
UNACCOMPANIED = frozenset({"T3", "T4"})


@dataclass(frozen=True)
class Gap:
    """One thing that is missing or unsure. `where` is the step of the wizard that mends it:
    "what", "dates", "practical" or "organisation"; `about` the one field that would have to change, where
    there is one."""

    sentence: str
    where: str
    blocks: bool = True
    about: str = ""


def _last_two_years(opportunity) -> str | None:
    """ENG-06 (Education Act 1996, s. 560): work experience in the last two years of
    compulsory schooling only; earlier years visit."""
    if opportunity.encounter_type.tier in UNACCOMPANIED and opportunity.min_age < LAST_TWO_YEARS_FROM:
        return _("Days without school staff are for students of %(age)s and over. Raise the youngest age.") % {
            "age": LAST_TWO_YEARS_FROM
        }
    return None


#: Rule code → what is wrong, or None. Only rules in force for the hub are asked.
CHECKS: dict[str, Callable[[object], str | None]] = {"ENG-06": _last_two_years}
#: Rule code → the step that mends it, and the field.
MENDED_IN = {"ENG-06": ("what", "min_age")}


def gaps(opportunity, now: dt.datetime) -> list[Gap]:
    """Everything missing or unsure before the opportunity can be sent to the hub, in the
    order of the wizard."""
    return [*_fields(opportunity), *_dates(opportunity, now), *_place(opportunity), *_requirements(opportunity, now)]


def not_complete(opportunity, now: dt.datetime) -> str | None:
    """Guard: the blocking gaps as one text, or None."""
    return " ".join(gap.sentence for gap in gaps(opportunity, now) if gap.blocks) or None


def _fields(opportunity) -> Iterator[Gap]:
    if not opportunity.title.strip():
        yield Gap(_("Give it a title."), "what")
    if not opportunity.summary.strip():
        yield Gap(_("Say in one sentence what it is."), "what")
    if not opportunity.encounter_type.is_active:
        yield Gap(_("This type of encounter is no longer in use. Choose another."), "what", about="encounter_type")


def _dates(opportunity, now: dt.datetime) -> Iterator[Gap]:
    if not opportunity.sessions.filter(state="planned", starts_at__gt=now).exists():
        yield Gap(_("Add at least one session that lies ahead."), "dates")


def _place(opportunity) -> Iterator[Gap]:
    at_work = opportunity.encounter_type.tier in WORKPLACE_TIERS
    if at_work and opportunity.is_online:
        yield Gap(_("This type happens at a workplace. Choose a site, or an online type."), "practical")
    elif at_work and opportunity.site_id is None:
        yield Gap(_("Say at which site it happens."), "practical")
    if at_work and not opportunity.supervisor.strip():
        yield Gap(_("Name who looks after the students."), "practical")
    if at_work and not opportunity.day_plan:
        yield Gap(_("Students get more from a day with a plan. Choose one from the library."), "practical", False)


def _requirements(opportunity, now: dt.datetime) -> Iterator[Gap]:
    hub = opportunity.hub
    decisions = dict(HubRequirement.objects.filter(hub=hub).values_list("requirement_id", "blocks"))
    for rule in Requirement.objects.of_hub(hub).on(hub.today(now)).order_by("code"):
        if opportunity.encounter_type.tier not in rule.tiers or decisions.get(rule.pk, rule.blocks) != "publish":
            continue
        check = CHECKS.get(rule.code)
        sentence = check(opportunity) if check else None
        if sentence:
            where, about = MENDED_IN.get(rule.code, ("practical", ""))
            said = _("%(what)s Rule: %(rule)s (%(source)s).") % {
                "what": sentence, "rule": _(rule.title), "source": rule.source,
            }  # fmt: skip
            yield Gap(said, where, blocks=rule.verified or rule.pk in decisions, about=about)
        elif check is None:
            yield Gap(f"{rule.title}: {rule.text}", "practical", blocks=False)
