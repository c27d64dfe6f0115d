"""Who may ask first for an opportunity."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hubs.edges import portal_page
from opportunities.forms_release import ReleaseForm
from opportunities.views.rows import own_opportunity
from opportunities.views.wizard import edit_step, seen


@portal_page("employer")
@require_http_methods(["GET", "HEAD", "POST"])
def release(request, pk: int):
    """Beside the wizard's road, so that whoever treats all schools alike never meets it."""
    row = own_opportunity(request, pk)
    said = {"priority_from": row.priority_from, "all_from": row.all_from, "first_schools": row.first_schools.all()}
    form = ReleaseForm(request.POST or None, employer=request.acting.employer, initial=said | seen(row))
    return edit_step(request, row, form, "review", "employer-opportunity-review", _("Save"))
