"""Why a session fits or not, in a teacher's words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hubs.words import day as day_of
from hubs.words import days as days_of
from hubs.words import times
from schools.fit import CANNOT, COSTS, FITS, NOTE, TOO_OFTEN, Fit, Reason
from schools.fit_changes import Change
from schools.ical_short import DAY_BEGINS, DAY_ENDS

SENTENCES = {
    "past": gettext_lazy("It has begun already"),
    "outside_term": gettext_lazy("%(date)s is outside term%(back)s"),
    "closure": gettext_lazy("%(name)s, %(span)s"),
    "public_holiday": gettext_lazy("%(name)s, %(span)s"),
    "staff_day": gettext_lazy("%(name)s, %(span)s: staff only"),
    "short_day": gettext_lazy("%(name)s, %(span)s: lessons %(hours)s only"),
    "weekend": gettext_lazy("%(date)s is not a school day"),
    "protected_blocked": gettext_lazy("%(name)s, %(span)s"),
    "protected_avoid": gettext_lazy("Better not during %(name)s, %(span)s"),
    "notice": gettext_lazy("Notice %(have)s of %(need)s school weeks"),
    "release_weekday": gettext_lazy("Not on a %(weekday)s; may be out on %(allowed)s"),
    "release_period": gettext_lazy("May not miss %(period)s on %(date)s"),
    "release_hours": gettext_lazy("May be out %(hours)s only"),
    "too_many_out": gettext_lazy("%(sum)s of %(cap)s students out on %(date)s: %(out)s are out already"),
    "subject_too_often": gettext_lazy("%(subject)s: %(nth)s lesson missed this term, %(cap)s is the most"),
    "subject_again": gettext_lazy("Would be the %(nth)s %(subject)s missed this term"),
    "times_this_term": gettext_lazy("Out %(times)s times this term already; %(cap)s is the most"),
    "protected_subject": gettext_lazy("%(subject)s on %(date)s must not be missed"),
    "year_group_too_young": gettext_lazy("Too young: it is for %(limits)s"),
    "year_group_too_old": gettext_lazy("Too old: it is for %(limits)s"),
    "no_timetable": gettext_lazy("No timetable yet, so missed lessons are not counted"),
    "no_terms": gettext_lazy("No term dates yet"),
    "week_unknown": gettext_lazy("Which week %(date)s is in is not known, so some lessons may be missing here"),
}


def sentence(reason: Reason) -> str:
    """One reason, without a full stop. Dates as people say them."""
    if reason.code == "lessons_missed":
        return _lessons(reason.facts)
    words = SENTENCES.get(reason.code)
    return str(words) % _said(reason.facts) if words else reason.code


RELAXED = {
    "notice": gettext_lazy("a shorter notice, just this once"),
    "release_weekday": gettext_lazy("a %(weekday)s, just this once"),
    "release_period": gettext_lazy("missing %(period)s, just this once"),
    "release_hours": gettext_lazy("other hours, just this once"),
    "too_many_out": gettext_lazy("more than %(cap)s students out that day"),
    "times_this_term": gettext_lazy("one more time this term"),
    "protected_subject": gettext_lazy("missing %(subject)s, just this once"),
    "subject_too_often": gettext_lazy("missing %(subject)s once more"),
}


def change_sentence(change: Change) -> str:
    """What would make a session fit, without a full stop: "On Thu 11 June the group could go"."""
    facts: Mapping[str, Any] = change.facts
    if change.code == "rule":
        said = str(RELAXED[str(facts["code"])]) % _said(facts)
        return _("If the school allows %(what)s") % {"what": said}
    if change.code == "fewer_students":
        words = ngettext("With %(n)s student instead of %(was)s", "With %(n)s students instead of %(was)s",
                         int(facts["students"]))  # fmt: skip
        return words % {"n": facts["students"], "was": facts["was"]}
    if change.code == "more_notice":
        return _("From %(day)s on there is notice enough: ask now for a later date") % {"day": day_of(facts["next"])}
    day = day_of(facts["date"])
    if facts["verdict"] == FITS:
        return _("On %(day)s, at no cost") % {"day": day}
    return _("On %(day)s, missing %(minutes)s minutes of lessons") % {"day": day, "minutes": facts["minutes"]}


def fit_sentence(fit: Fit) -> str:
    """The whole verdict in one sentence: "Fits. Misses PE." "Cannot: Year 10 mocks, …"."""
    if fit.verdict == CANNOT:
        first = next(reason for reason in fit.reasons if reason.level not in (COSTS, NOTE))
        return _("Cannot: %(reason)s.") % {"reason": _lower(sentence(first), first.code)}
    avoided = [sentence(reason) for reason in fit.reasons if _avoided(reason)]
    missed = misses([one.subject for one in fit.lessons_missed])
    notes = [sentence(reason) for reason in fit.reasons if reason.level == NOTE]
    parts = [part for part in (*avoided, missed, *notes) if part]
    opening = [_("Fits")] if fits_first(fit) else []
    return " ".join(f"{part}." for part in opening + parts)


def fits_first(fit: Fit) -> bool:
    """Whether the fit is what a reader hears first: one lesson is a small price, two are not."""
    avoided = any(_avoided(reason) for reason in fit.reasons)
    return fit.verdict != CANNOT and not avoided and len(fit.lessons_missed) <= 1


def _avoided(reason: Reason) -> bool:
    often = reason.code == "subject_again" and int(str(reason.facts["times"])) >= TOO_OFTEN
    return often or reason.code == "protected_avoid"


def fit_reasons(fit: Fit) -> list[str]:
    """Every reason, those that block first, as the page folds them under "Why"."""
    order = {COSTS: 1, NOTE: 2}
    return [sentence(reason) for reason in sorted(fit.reasons, key=lambda reason: order.get(reason.level, 0))]


def misses(subjects: Iterable[str]) -> str:
    """ "Misses Maths, Art and PE"; "" when nothing is missed."""
    names = list(dict.fromkeys(subject or _("a lesson") for subject in subjects))
    if not names:
        return ""
    if len(names) > 4:
        return _("Misses %(some)s and %(n)s other subjects") % {"some": ", ".join(names[:3]), "n": len(names) - 3}
    return _("Misses %(subjects)s") % {"subjects": listed(names)}


def listed(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return _("%(first)s and %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}


def nth(number: int) -> str:
    """First to fifth as words, then as figures: what stands before "Maths missed this term"."""
    words = (_("first"), _("second"), _("third"), _("fourth"), _("fifth"))
    return words[number - 1] if 1 <= number <= len(words) else _("number %(n)s") % {"n": number}


def weekday_name(number: int) -> str:
    return str(WEEKDAYS[number])


def _lessons(facts: Mapping[str, Any]) -> str:
    return ngettext(
        "%(subject)s: %(count)s lesson, %(minutes)s minutes",
        "%(subject)s: %(count)s lessons, %(minutes)s minutes",
        int(facts.get("count") or 1),
    ) % {**facts, "subject": facts.get("subject") or _("A lesson")}


def _said(facts: Mapping[str, Any]) -> dict[str, str]:
    said = _Said({name: _one(name, value) for name, value in facts.items()})
    if "from" in facts:
        said["span"] = days_of(facts["from"], facts.get("to"))
        if "starts" in facts:
            said["span"] += f", {hours_between(facts['starts'], facts['ends'])}"
        said["name"] = str(facts.get("name") or _("No school"))
    back = facts.get("next_start")
    said["back"] = _(" (school is back on %(day)s)") % {"day": day_of(back)} if back else ""
    said["limits"] = _limits(facts)
    if "out" in facts:
        said["sum"] = str(int(facts["out"]) + int(facts.get("students") or 0))
    if "subject" in facts and "times" in facts:
        said["nth"] = nth(int(facts["times"]))
    said["hours"] = _hours(facts)
    return said


class _Said(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "?"


def _one(name: str, value: Any) -> str:
    if name == "weekday":
        return weekday_name(int(value))
    if name == "allowed" and isinstance(value, (tuple, list)):
        return listed([weekday_name(one) if isinstance(one, int) else str(one) for one in value])
    if isinstance(value, (dt.date, dt.datetime)):
        return day_of(value)
    return str(value)


def hours_between(start: dt.time, end: dt.time) -> str:
    """ "09:00–10:30"; "from 12:30 on" and "until 10:30" where the day itself is the other end."""
    if end >= DAY_ENDS:
        return _("from %(first)s on") % {"first": f"{start:%H:%M}"}
    return _("until %(last)s") % {"last": f"{end:%H:%M}"} if start == DAY_BEGINS else times(start, end)


def _hours(facts: Mapping[str, Any]) -> str:
    first, last = facts.get("earliest"), facts.get("latest")
    if first and last:
        return _("from %(first)s to %(last)s") % {"first": f"{first:%H:%M}", "last": f"{last:%H:%M}"}
    if first:
        return _("from %(first)s on") % {"first": f"{first:%H:%M}"}
    return _("until %(last)s") % {"last": f"{last:%H:%M}"} if last else ""


def _limits(facts: Mapping[str, Any]) -> str:
    low, high = facts.get("from_age"), facts.get("to_age")
    words = (_("ages %(low)s to %(high)s"), _("ages from %(low)s"), _("ages up to %(high)s"))
    if low is None and high is None:
        low, high = facts.get("from_year"), facts.get("to_year")
        words = (_("years %(low)s to %(high)s"), _("years from %(low)s"), _("years up to %(high)s"))
    chosen = words[0] if low is not None and high is not None else words[1] if low is not None else words[2]
    return chosen % {"low": low, "high": high}


def _lower(text: str, code: str) -> str:
    """A sentence begins small after "Cannot:", unless it begins with the name of a thing."""
    begins_with_name = code in ("closure", "public_holiday", "staff_day", "short_day", "protected_blocked",
                                "protected_subject", "outside_term", "weekend", "subject_too_often",
                                "too_many_out")  # fmt: skip
    return text if begins_with_name else text[:1].lower() + text[1:]
