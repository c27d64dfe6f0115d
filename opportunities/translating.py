"""The words of an action-plan template in another language, part by part: its own, then those of each step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy

from django.utils.translation import gettext as _

from employers.translating import FRAME, Part, follow, keep_words, words_of
from hubs.actors import Actor
from hubs.errors import CannotAct, Refused
from hubs.languages import read_language
from hubs.models import HUB_STAFF
from opportunities.models import ActionPlanTemplate, PlanStep, TemplateStep

OF_TEMPLATE = ("name", "about")
OF_STEP = (
    "title", "aims", "guidance", "details", "employer_does", "school_does", "good_looks_like", "deliverable",
)  # fmt: skip
#: What a plan's step copies, and reads in its template's translation while it is as it was copied.
COPIED = ("title", "guidance")
LONGEST = 8000


def place(step: TemplateStep, name: str) -> str:
    """The same in every version, because the step's key is."""
    return f"{step.key}.{name}"


def originals(template: ActionPlanTemplate) -> dict[str, str]:
    """Every place of the template that can be translated, with its own words, in the order they are read."""
    found = {name: getattr(template, name) for name in OF_TEMPLATE}
    for step in template.steps.all():
        found |= _of_step(step)
    return found


def _of_step(step: TemplateStep) -> dict[str, str]:
    return {place(step, name): getattr(step, name) for name in OF_STEP}


def parts(template: ActionPlanTemplate, language: str) -> list[Part]:
    """What there is to translate; empty words are left out."""
    given = template.texts.get(language, {})
    found = [(FRAME, _("The template itself"), {name: getattr(template, name) for name in OF_TEMPLATE})]
    found += [(str(step.key), step.title, _of_step(step)) for step in template.steps.all()]
    return [Part(code, name, list(words_of(places, given))) for code, name, places in found]


def may_translate(template: ActionPlanTemplate) -> bool:
    """Until it is retired: nobody reads a translation before it is whole, and what it translates stays."""
    return template.state != ActionPlanTemplate.State.RETIRED


def translate(
    template: ActionPlanTemplate, language: str, texts: Mapping[str, str], *, by: Actor, now: dt.datetime
) -> None:
    """Keep these words by their place; an empty one is the original again. Raises `Refused` for what is retired, too
    long or unknown."""
    if not by.may(template, HUB_STAFF):
        raise CannotAct(_("Only the hub edits templates."))

    def known() -> Mapping[str, str]:
        row = ActionPlanTemplate.objects.get(pk=template.pk)
        if not may_translate(row):
            raise Refused(_("This template is retired. Translate its newest version."))
        return originals(row)

    keep_words(template, language, texts, known, longest=LONGEST, by=by, now=now)


@contextmanager
def following(template: ActionPlanTemplate) -> Iterator[None]:
    """While a draft is edited: see `employers.translating.follow`."""
    with follow(template, lambda: originals(ActionPlanTemplate.objects.get(pk=template.pk))):
        yield


# ---- Reading ---------------------------------------------------------------------------


def whole(template: ActionPlanTemplate, language: str) -> tuple[str, Mapping[str, str]]:
    """The language in which everything of the template has words, as near to the reader's as there is ("de-ch" falls
    back to "de"), and those words by their place; its own language and no words where there is none."""
    for one in (language, language.partition("-")[0]):
        given = template.texts.get(one)
        if not given or one == template.language:
            continue
        if all(at in given for at, words in originals(template).items() if words):
            return one, given
    return template.language, {}


def speak(template: ActionPlanTemplate, steps: Iterable[TemplateStep], language: str) -> None:
    """Exchange the words of the template and of these steps of it, for a page that shows them and keeps nothing."""
    spoken, given = whole(template, language)
    for step in steps:
        _exchange(step, {name: place(step, name) for name in OF_STEP}, given)
    _exchange(template, {name: name for name in OF_TEMPLATE}, given)
    template.language = spoken


def speak_plan(template: ActionPlanTemplate, steps: Iterable[PlanStep], language: str) -> None:
    """The same for steps of a plan whose words are still those of its template; each gets the `language` it is in, or
    "" where nobody knows it."""
    spoken, given = whole(template, language)
    for step in steps:
        of = step.template_step
        if of is None or any(getattr(step, name) != getattr(of, name) for name in COPIED):
            step.language = ""
            continue
        ours = place(of, "title") in given
        step.language = spoken if ours else template.language
        if ours:
            _exchange(step, {name: place(of, name) for name in COPIED}, given)


def speak_steps(steps: Iterable[PlanStep]) -> None:
    """For the reader, steps of any plans, each with its `plan__template` and `template_step` at hand: the road for
    every page and mail that names some. See `speak_plan`."""
    of_template: dict[int, list[PlanStep]] = {}
    for step in steps:
        if step.template_step_id is None:
            step.language = ""
        else:
            of_template.setdefault(step.plan.template_id, []).append(step)
    for some in of_template.values():
        speak_plan(some[0].plan.template, some, read_language())


def spoken(step: PlanStep) -> PlanStep:
    """A copy for the reader, where the row itself goes on being what is kept."""
    said = copy(step)
    speak_steps([said])
    return said


def _exchange(row, places: Mapping[str, str], given: Mapping[str, str]) -> None:
    for name, at in places.items():
        if at in given:
            setattr(row, name, given[at])
