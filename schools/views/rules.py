"""What events mean at this school: every rule on one page."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hubs.edges import portal_page, refused_on
from hubs.errors import Refused
from schools.domain import event_rules as verbs
from schools.forms_rows import KIND_WORDS, RulesForm
from schools.models import BellSchedule, EventRule
from schools.views.own import calendar_crumb, own, page, posted, school_of


@portal_page("school")
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request):
    kept = list(own(request, EventRule).select_related("bell").order_by("words", "pk"))
    form = RulesForm(posted(request), rules=kept, bells=list(own(request, BellSchedule)))
    if form.is_bound and form.is_valid() and _saved(request, form):
        return redirect("school-rules")
    words = [(rule, KIND_WORDS.get(rule.kind, rule.kind)) for rule in kept]
    context = page(request, _("What events mean"), calendar_crumb(), form=form, kept=words)
    return render(request, "schools/rules.html", context)


def _saved(request, form: RulesForm) -> bool:
    school, who = school_of(request), {"by": request.actor, "now": request.now}
    try:
        with transaction.atomic():
            for rule, given in form.changes():
                if given["forget"]:
                    verbs.forget_rule(rule, **who)
                else:
                    del given["forget"]
                    verbs.save_rule(school, **given, rule=rule, **who)
    except Refused as refusal:
        refused_on(request, form, refusal)
        return False
    messages.success(request, _("Saved. They count from the next file on."))
    return True
