"""Pages of the foot: accessibility and privacy."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cms import models
from cms.starter.pieces import Draft, ask_hub, heading, joined, paragraphs


def accessibility(hub) -> Draft:
    return Draft(
        models.StandardPage,
        "accessibility",
        {
            "title": _("Accessibility"),
            "summary": _("Everybody should be able to use this site. Where you cannot, tell us and we mend it."),
            "body": [
                (
                    "text",
                    joined(
                        heading(_("What we aim for")),
                        paragraphs(
                            _(
                                "The Web Content Accessibility Guidelines 2.2, level AA. The site works with "
                                "the keyboard alone, at 200 % text size, without scripts, in light and in "
                                "dark."
                            )
                        ),
                        heading(_("When something does not work")),
                        paragraphs(_("Write what you wanted to do and where it stopped. You need not know why.")),
                    ),
                ),
                *ask_hub(hub, _("Something does not work?"), _("Tell us"), ""),
            ],
        },
    )


def privacy(hub) -> Draft:
    return Draft(
        models.StandardPage,
        "privacy",
        {
            "title": _("Privacy"),
            "summary": _("What is kept about whom, who sees it, and for how long."),
            "body": [
                (
                    "text",
                    joined(
                        heading(_("Students")),
                        paragraphs(
                            _(
                                "A student is known by an alias until a place has been accepted. An employer "
                                "sees a name only from then until the placement is over and its papers are "
                                "closed. Addresses, medical details and marks are never shown to employers."
                            )
                        ),
                        heading(_("Parents and carers")),
                        paragraphs(
                            _(
                                "You get a link by e-mail, read what your child will do, and agree or refuse."
                                " You need no account."
                            )
                        ),
                        heading(_("This site")),
                        paragraphs(
                            _(
                                "It sets no cookies to follow you and loads nothing from other companies. "
                                "When you sign in, one cookie keeps you signed in."
                            )
                        ),
                        heading(_("Your rights")),
                        paragraphs(
                            _(
                                "Ask us what is kept about you, have it corrected, or have it removed where "
                                "the law allows."
                            )
                        ),
                    ),
                ),
                *ask_hub(hub, _("Questions about your data?"), _("Write to us"), ""),
            ],
        },
    )
