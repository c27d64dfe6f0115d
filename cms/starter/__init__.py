"""The words a new hub's site begins with: true of any hub, and meant to be rewritten.

Written through gettext, so that a hub starts in its own language.
"""

from __future__ import annotations

import datetime as dt

from cms.starter.foot import accessibility, privacy
from cms.starter.front import employers, home, schools
from cms.starter.guidance import guidance
from cms.starter.news import news
from cms.starter.pieces import Draft
from cms.starter.preparation import preparation

__all__ = ["Draft", "below_home", "home"]


def below_home(hub, today: dt.date) -> list[Draft]:
    """The pages under the home page, in the order of the menu; the foot comes last."""
    return [
        employers(hub),
        schools(hub),
        guidance(),
        preparation(),
        news(hub, today),
        accessibility(hub),
        privacy(hub),
    ]
