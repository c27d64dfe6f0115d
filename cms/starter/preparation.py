"""What volunteers read before they meet young people. Good sense; the law of a place is the hub's to add."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cms import models
from cms.starter.pieces import Draft, bullets, check, heading, joined, paragraphs


def preparation() -> Draft:
    return Draft(
        models.PreparationPage,
        "before-you-meet-young-people",
        {
            "title": _("Before you meet young people"),
            "summary": _("Five minutes: how to be the adult they remember for the right reasons."),
            "valid_months": 24,
            "body": [
                (
                    "text",
                    joined(
                        heading(_("On the day")),
                        bullets(
                            _("Never be alone with a student where nobody sees you: keep a door open."),
                            _("Talk as you would to a new colleague. Ask more than you tell."),
                            _("Say honestly how you came to your work, the detours too."),
                            _("Take no photographs unless the school has said so, and name nobody online."),
                        ),
                        heading(_("Afterwards")),
                        bullets(
                            _("No private numbers, friend requests or messages. Contact goes through school or hub."),
                            _("If something worries you, tell the school the same day. You need not be sure."),
                        ),
                        paragraphs(_("Your hub helps with every question. None is too small.")),
                    ),
                )
            ],
            "questions": [
                check(
                    _("After a talk a student asks for your private number, to hear more. What do you do?"),
                    [
                        (_("Give it: they are keen."), False),
                        (_("Say kindly that you talk through the school, and tell the school they asked."), True),
                        (_("Follow them on a network instead."), False),
                    ],
                    _("Contact goes through school or hub. It protects both of you, and the school can arrange more."),
                ),
                check(
                    _("A student tells you something that worries you, as a secret. What do you say?"),
                    [
                        (_("That you promise."), False),
                        (_("That you would first like to find out whether it is true."), False),
                        (
                            _("That you cannot promise, and will tell whoever at school can help."),
                            True,
                        ),
                    ],
                    _("Never promise secrecy and never investigate. Listen, then tell the school the same day."),
                ),
                check(
                    _("You are to show one student a workshop at the end of the corridor. What do you do?"),
                    [
                        (_("Take a colleague or a second student along, or stay where others see you."), True),
                        (_("Go, and be quick."), False),
                    ],
                    _("Be where others see you. It takes no more time."),
                ),
            ],
        },
    )
