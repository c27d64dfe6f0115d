"""What partners' systems may ask to be told about placements. Imported once, from the app's `ready()`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hubs.partners import Family, tell_of

#: What is said about who came and how it went; a placement's end belongs to both families.
HOW_IT_WENT = frozenset({"marked", "reflected", "feedback_given"})
ENDS = frozenset({"completed", "not_attended"})

tell_of(
    Family(
        "placement_request", _("Requests for places"), "placements.placementrequest", "placement_request",
        "api-requests-detail",
    ),
    Family(
        "placement", _("Placements"), "placements.placement", "placement", "api-placements-detail", but=HOW_IT_WENT
    ),
    Family(
        "encounter", _("Encounters: attendance, feedback, the register closed"), "placements.placement", "placement",
        "api-placements-detail", only=HOW_IT_WENT | ENDS,
    ),
)  # fmt: skip
