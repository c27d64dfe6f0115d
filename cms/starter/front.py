"""The first page, and the page for each audience."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cms import models
from cms.starter.pieces import Draft, answer, call_to_action, paragraphs, step

#: Where an employer says that it would like to take part; the same on every hub's site.
TAKE_PART = "/take-part/"


def home(hub) -> Draft:
    return Draft(
        models.HomePage,
        hub.slug,
        {
            "title": hub.name,
            "headline": _("Every young person meets working life before they choose"),
            "summary": _(
                "%(hub)s brings schools and employers together: visits, insight days and weeks at work that "
                "fit the timetable."
            )
            % {"hub": hub.name},
            "body": [
                ("open_opportunities", {"heading": _("Open now"), "most": 3}),
                ("steps", {"heading": _("How it works"), "steps": _how_it_works()}),
                (
                    "quote",
                    {
                        "text": _(
                            "I thought engineers sat at desks. The woman who showed us the pump room had oil "
                            "on her sleeves and the best job in the building."
                        ),
                        "who": _("A Year 9 student, after a visit of one hour"),
                    },
                ),
                call_to_action(
                    _("Have you an hour to give?"),
                    _("Take part as an employer"),
                    _("Tell us who you are. It takes two minutes, and binds you to nothing."),
                    TAKE_PART,
                ),
            ],
        },
    )


def _how_it_works() -> list[dict]:
    return [
        step(
            _("Employers choose a plan"),
            _("From one hour a year to a whole programme, with dates and what it asks of staff."),
        ),
        step(_("They publish dates and places"), _("The hub looks each offer over before schools see it.")),
        step(
            _("Schools ask for what fits"),
            _("They see which lessons a date would cost, and ask for places for a class or a few students."),
        ),
        step(
            _("The hub makes the match"),
            _("Places go where they are needed and where they fit; everybody is told and reminded."),
        ),
    ]


def employers(hub) -> Draft:
    return Draft(
        models.AudiencePage,
        "for-employers",
        {
            "title": _("For employers"),
            "summary": _(
                "One good hour with young people is worth more than a stand at a fair. Start small; we do the"
                " paperwork with you."
            ),
            "audience": models.Audience.EMPLOYERS,
            "body": [
                (
                    "text",
                    paragraphs(
                        _(
                            "You know the work; schools know the young people. We stand between: we tell you "
                            "what an age group can take in, find the class it suits, and see to consent, "
                            "insurance questions and reminders."
                        ),
                    ),
                ),
                (
                    "steps",
                    {
                        "heading": _("From good will to a first date"),
                        "steps": [
                            step(
                                _("Tell us who you are"),
                                _(
                                    'A name, a place and what you do: <a href="%(address)s">two minutes, here</a>. '
                                    "We send you an invitation."
                                )
                                % {"address": TAKE_PART},
                            ),
                            step(
                                _("Choose an action plan"),
                                _("Each says which steps come when, and how many hours of staff time they take."),
                            ),
                            step(
                                _("Publish one session"),
                                _("A date, a time and a number of places. It takes about ten minutes."),
                            ),
                            step(
                                _("Answer a request"),
                                _("One click in an e-mail. Nothing is binding before you have accepted."),
                            ),
                        ],
                    },
                ),
                (
                    "facts",
                    {
                        "heading": "",
                        "facts": [
                            {"value": "1 h", "label": _("is enough for a visit that counts"), "source": ""},
                            {
                                "value": "7",
                                "label": _("questions tell whether an encounter meant something"),
                                "source": "",
                            },
                            {"value": "5", "label": _("stages, from a first talk to a placement"), "source": ""},
                        ],
                    },
                ),
                (
                    "questions",
                    {
                        "heading": _("Questions employers ask"),
                        "questions": [
                            answer(
                                _("Do we need a policy or a department for this?"),
                                _("No. One person who looks forward to it and one who can stand in are enough."),
                            ),
                            answer(
                                _("What about insurance?"),
                                _(
                                    "Most employers' liability policies cover visitors and work-experience "
                                    "students. Ask your insurer for one sentence in writing; we keep it for "
                                    "you and tell you before it lapses."
                                ),
                            ),
                            answer(
                                _("Which students will come?"),
                                _(
                                    "You see the age, the number and what they hope to learn. Names come when"
                                    " you have accepted, and never more than you need."
                                ),
                            ),
                        ],
                    },
                ),
                call_to_action(
                    _("Offer an hour"),
                    _("Tell us who you are"),
                    _("Two lines are enough: who you are, and what you could imagine."),
                    TAKE_PART,
                ),
            ],
        },
        in_menu=True,
    )


def schools(hub) -> Draft:
    return Draft(
        models.AudiencePage,
        "for-schools",
        {
            "title": _("For schools"),
            "summary": _(
                "Give us your term dates and timetable once. From then on you only see sessions your groups can go to."
            ),
            "audience": models.Audience.SCHOOLS,
            "body": [
                (
                    "steps",
                    {
                        "heading": _("Five minutes to a first request"),
                        "steps": [
                            step(
                                _("Load the calendar"),
                                _("Your term dates as a calendar file, closures and exams included."),
                            ),
                            step(
                                _("Load the timetable"),
                                _("The export of your timetable program. Teachers' names are left out."),
                            ),
                            step(
                                _("Choose a group"),
                                _("You see what fits, what it would cost in lessons, and what cannot be and why."),
                            ),
                            step(_("Ask for places"), _("For a class or for a few students, with wishes in order.")),
                        ],
                    },
                ),
                (
                    "callout",
                    {
                        "tone": "information",
                        "heading": _("No names needed to begin"),
                        "text": _(
                            "A request works with a group and a number. Names are asked for only when a place"
                            " has been accepted, and only what the workplace has to know."
                        ),
                    },
                ),
                call_to_action(
                    _("See what your groups could go to"),
                    _("See what is open"),
                    _("The catalogue is open to everybody; the fit with your timetable shows after you sign in."),
                    "/opportunities/",
                ),
            ],
        },
        in_menu=True,
    )
