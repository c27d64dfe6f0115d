"""What every placement page of an employer starts from, and how it says it."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from opportunities.cards import session_card
from placements import cards, changes
from placements.messages import when, where
from placements.models import Clearance, Placement
from placements.models.placement import KNOWN_TO_EMPLOYER


def own_placements(request):
    """Those of the acting employer, from the moment it was asked; also for hub staff on its
    behalf, who see what the employer would see."""
    rows = Placement.objects.visible_to(request.user).filter(hub=request.hub, employer=request.acting.pk)
    return (
        rows.filter(state__in=KNOWN_TO_EMPLOYER, offered_at__isnull=False)
        .with_all()
        .with_change_asked(request.now)
        .select_related("session__opportunity__employer")
    )


def own_placement(request, pk: int) -> Placement:
    return get_object_or_404(own_placements(request).select_related("request", "school__hub", "employer__hub"), pk=pk)


def host_clearances(placement: Placement):
    """What the employer itself has to do; consent and the school's own tasks are not its business."""
    rows = placement.clearances.filter(responsible="host", student__isnull=True)
    return rows.select_related("requirement", "placement__session")


def own_clearance(request, pk: int, clearance: int) -> Clearance:
    placement = own_placement(request, pk)
    row = get_object_or_404(host_clearances(placement), pk=clearance)
    row.placement = placement
    return row


def state_word(placement: Placement) -> str:
    words = {
        "offered": _("Waiting for your answer"),
        "accepted": _("Agreed, things to do"),
        "ready": _("Ready"),
        "under_way": _("Under way"),
        "completed": _("Done"),
        "declined": _("You said no"),
        "cancelled": _("Called off"),
        "not_attended": _("Nobody came"),
    }
    return words.get(placement.state) or placement.get_state_display().capitalize()


def badge(placement: Placement) -> dict:
    if asked := changes.badge(placement):
        return asked
    tone = "attention" if placement.state == "offered" else cards.TONES[placement.state]
    return {"tone": tone, "word": state_word(placement)}


def who(placement: Placement) -> str:
    """School, group and number; never a name."""
    group = f", {placement.group.name}" if placement.group else ""
    return f"{placement.school.name}{group}: {cards.students(placement.places)}"


def card(placement: Placement) -> dict:
    """The session card of the list."""
    url = reverse("employer-placement", args=[placement.pk])
    shown = session_card(placement.session, url, employer=who(placement), places=0, state=badge(placement))
    if placement.state == "offered":
        shown |= {"action_label": _("Answer"), "action_url": url}
    return shown


def facts(placement: Placement) -> list[tuple[str, str]]:
    """What, when, where, who: said before an answer and on every page of it."""
    offer = placement.session.opportunity
    kind = offer.encounter_type.name
    rows = [
        (_("What"), offer.title if kind == offer.title else f"{offer.title} ({kind})"),
        (_("When"), when(placement.session)),
        (_("Where"), where(offer)),
        (_("Who"), who(placement)),
    ]
    if placement.state == "offered" and placement.answer_by:
        rows.append((_("Answer by"), date_format(placement.answer_by.astimezone(placement.hub.zone), "D j F, H:i")))
    return rows


def accept_label(placement: Placement) -> str:
    return ngettext("Accept %(n)s student", "Accept %(n)s students", placement.places) % {"n": placement.places}


def question(placement: Placement) -> str:
    asked = ngettext(
        "Can you take %(n)s student from %(school)s?", "Can you take %(n)s students from %(school)s?", placement.places
    )
    return asked % {"n": placement.places, "school": placement.school.name}


def binding() -> str:
    return _(
        "Once you say yes, the places are taken and the school plans its day around it. "
        "If it becomes impossible, call it off as early as you can: everybody is told at once."
    )


def after_yes() -> list[str]:
    return [
        _("The school is told at once, and you get an invitation for your calendar."),
        _("You see what has to be done before the start; much of it is the school’s part."),
        _("Five working days before, you get the page of the day: who comes, the plan, whom to ring."),
    ]
