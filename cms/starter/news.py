"""Two pieces of news."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from cms import models
from cms.starter.pieces import Draft, paragraphs


def news(hub, today: dt.date) -> Draft:
    return Draft(
        models.NewsIndexPage,
        "news",
        {"title": _("News"), "summary": _("What changes, and what worked.")},
        in_menu=True,
        below=[
            Draft(
                models.NewsPage,
                "we-are-open",
                {
                    "title": _("%(hub)s has a new home") % {"hub": hub.name},
                    "summary": _(
                        "Offers, requests and answers now live in one place, and no one has to keep a spreadsheet."
                    ),
                    "published_on": today - dt.timedelta(days=12),
                    "body": [
                        (
                            "text",
                            paragraphs(
                                _(
                                    "Employers choose an action plan and publish dates. Schools load their "
                                    "calendar and timetable and see only what fits. We keep an eye on who has"
                                    " had nothing yet."
                                ),
                                _(
                                    "If you have worked with us before, your invitation is in your mailbox. "
                                    "If it is not, write to us."
                                ),
                            ),
                        )
                    ],
                },
            ),
            Draft(
                models.NewsPage,
                "how-places-are-shared-out",
                {
                    "title": _("How places are shared out"),
                    "summary": _("By need and by fit, not by who is quickest with the mouse."),
                    "published_on": today - dt.timedelta(days=3),
                    "body": [
                        (
                            "text",
                            paragraphs(
                                _(
                                    "Where more students want a place than there are, those who have had the "
                                    "fewest encounters come first, and dates go to the groups they cost "
                                    "least. The rules are published, and every wish that could not be met "
                                    "gets its true reason."
                                ),
                                _("People decide: the hub's staff look at each proposal before anything is sent."),
                            ),
                        )
                    ],
                },
            ),
        ],
    )
