"""Three pieces of guidance."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cms import models
from cms.starter.pieces import Draft, bullets, heading, joined, paragraphs, step


def guidance() -> Draft:
    return Draft(
        models.GuidanceIndexPage,
        "guidance",
        {"title": _("Guidance"), "summary": _("Short, practical, and the same for everybody.")},
        in_menu=True,
        below=[
            Draft(
                models.GuidancePage,
                "a-visit-of-one-hour",
                {
                    "title": _("A visit of one hour"),
                    "summary": _("How to fill sixty minutes so that young people still talk about them a week later."),
                    "audience": models.Audience.EMPLOYERS,
                    "body": [
                        (
                            "steps",
                            {
                                "heading": _("The hour"),
                                "steps": [
                                    step(
                                        _("5 minutes: welcome"),
                                        _("Say who you are and what they will have seen at the end."),
                                    ),
                                    step(
                                        _("25 minutes: the round"),
                                        _("Three places, three people, each with one thing to touch or to try."),
                                    ),
                                    step(
                                        _("20 minutes: a task"),
                                        _("Something small and real: price a job, find the fault, plan a shift."),
                                    ),
                                    step(
                                        _("10 minutes: their questions"),
                                        _("Have them write one each on the way. Talk about pay in ranges, if you can."),
                                    ),
                                ],
                            },
                        ),
                        (
                            "callout",
                            {
                                "tone": "attention",
                                "heading": _("What to leave out"),
                                "text": _(
                                    "The company film, the slide with the locations, and anything that starts"
                                    " with “when I was your age”."
                                ),
                            },
                        ),
                    ],
                },
            ),
            Draft(
                models.GuidancePage,
                "before-and-after",
                {
                    "title": _("Before and after: the school's half"),
                    "summary": _(
                        "An encounter means more when students know why they go and have time to say what they saw."
                    ),
                    "audience": models.Audience.SCHOOLS,
                    "body": [
                        (
                            "text",
                            joined(
                                heading(_("The week before")),
                                bullets(
                                    _("Say what it is for: one sentence, in the students' words."),
                                    _("Let each student prepare one question."),
                                    _(
                                        "Tell the employer who needs what: step-free access, a quiet place, "
                                        "prayer times."
                                    ),
                                ),
                                heading(_("The week after")),
                                bullets(
                                    _(
                                        "Ten minutes in form time: what surprised you, what would you never "
                                        "do, what next."
                                    ),
                                    _("Send the employer one sentence from a student. It is what brings them back."),
                                ),
                            ),
                        ),
                    ],
                },
            ),
            Draft(
                models.GuidancePage,
                "what-makes-it-count",
                {
                    "title": _("What makes an encounter count"),
                    "summary": _("Seven plain questions, asked of every visit, talk and week at work."),
                    "audience": models.Audience.EVERYBODY,
                    "body": [
                        (
                            "text",
                            joined(
                                bullets(
                                    _("Did the young people know beforehand what it was for?"),
                                    _("Did it suit their age and what they already know?"),
                                    _("Did they speak as well as listen?"),
                                    _("Did they meet people in different jobs?"),
                                    _("Did they do a real task?"),
                                    _("Did the employer tell them how they did?"),
                                    _("Did they have time afterwards to think it over?"),
                                ),
                                paragraphs(
                                    _(
                                        "Not every encounter needs all seven. Each kind says which it has to "
                                        "have, and the record shows it."
                                    )
                                ),
                            ),
                        ),
                    ],
                },
            ),
        ],
    )
