"""Rounds and self-assessments in the back office: planned, watched, read, confirmed or handed back."""

from __future__ import annotations

from django.db.models import Case, F, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn

from employers import assessing, framing, rounds
from employers.evidence_words import differs, said_beside
from employers.forms_standards import RoundForm
from employers.models import AssessmentRound, SelfAssessment
from employers.standards_shown import answer_words, differs_for, words_language
from hubs.languages import read_language
from hubs.views_admin import READ_ONLY, HubFilterSet, Verb
from hubs.viewsets import HubViewSet

#: What waits for the hub's word stands before what does not.
WAITING_FIRST = Case(When(state="submitted", then=0), default=1)


class RoundViewSet(HubViewSet):
    model = AssessmentRound
    name = "rounds"
    icon = "calendar-check"
    menu_label = gettext_lazy("Standards rounds")
    menu_order = 55
    add_to_admin_menu = True
    form_base = RoundForm
    add_verb = staticmethod(rounds.plan_round)
    change_verb = staticmethod(rounds.change_round)
    prefetched = ("framework",)
    ordering = ("-opens_on", "-pk")
    list_display = (
        "name",
        Column("framework", label=gettext_lazy("Framework")),
        Column("state", label=gettext_lazy("State"), accessor="get_state_display", sort_key="state"),
        DateColumn("opens_on", label=gettext_lazy("Opens"), sort_key="opens_on"),
        DateColumn("closes_on", label=gettext_lazy("Closes"), sort_key="closes_on"),
    )
    search_fields = ("name",)
    panels = (
        FieldPanel("name"),
        FieldPanel("framework"),
        FieldRowPanel([FieldPanel("opens_on"), FieldPanel("closes_on")]),
        FieldPanel("sizes"),
        FieldPanel("sectors"),
    )
    verbs = (
        Verb(
            "open", gettext_lazy("Open now"), to="open",
            run=lambda row, text, **how: rounds.open_round(row, **how),
            binding=gettext_lazy("Everybody it is for is invited at once and reminded until the last day."),
        ),
        Verb(
            "call-off", gettext_lazy("Call off"), to="closed", when=("planned",), tone="stop",
            run=lambda row, text, **how: rounds.call_off(row, **how),
            binding=gettext_lazy("It never opens, and nobody is asked."),
        ),
        Verb(
            "close", gettext_lazy("Close now"), to="closed", when=("open",), tone="stop",
            run=lambda row, text, **how: rounds.close_round(row, **how),
            binding=gettext_lazy(
                "What you have confirmed becomes final, nobody is reminded any more, and the report is made."
            ),
        ),
    )  # fmt: skip
    detail_template = "employers/admin/round.html"
    inspect_view_fields = (
        "name", "framework", "state", "opens_on", "closes_on", "sizes", "sectors", "opened_at", "closed_at",
    )  # fmt: skip

    def closed(self, row: AssessmentRound) -> str | None:
        return _("This round is closed.") if row.state == AssessmentRound.State.CLOSED else None

    def more_of(self, request, row: AssessmentRound) -> dict:
        if row.state == AssessmentRound.State.PLANNED:
            return {"asked": rounds.asked_employers(row).count()}
        if row.opened_at is None:
            return {"called_off": True}
        report = row.report or rounds.report(row)
        framework = framing.document_of(row.framework, read_language())
        bands = [
            (standard.name, [(band.label, report["bands"].get(standard.code, {}).get(band.code, 0))
                             for band in framework.bands])
            for standard in framework.standards()
        ]  # fmt: skip
        waiting = row.assessments.filter(state="submitted").select_related("employer").order_by("submitted_at", "pk")
        return {
            "asked": report["asked"],
            "answered": report["answered"],
            "unproved": report["unproved"],
            "bands": bands,
            "framework": framework,
            "band_names": [band.label for band in framework.bands],
            "missing": rounds.missing(row)[:200],
            "waiting": [(one, reverse("assessments:inspect", args=[one.pk])) for one in waiting],
        }


class AssessmentFilterSet(HubFilterSet):
    class Meta:
        model = SelfAssessment
        fields = ["state", "round", "framework"]


class AssessmentViewSet(HubViewSet):
    """The review queue. Answers are the employer's: act for it to change them."""

    model = SelfAssessment
    name = "assessments"
    who = READ_ONLY
    icon = "tick-inverse"
    menu_label = gettext_lazy("Self-assessments")
    menu_order = 56
    add_to_admin_menu = True
    related = ("employer__hub", "round", "submitted_by")
    prefetched = ("framework",)
    ordering = (WAITING_FIRST, F("submitted_at").desc(nulls_last=True), "-pk")
    list_display = (
        TitleColumn(
            "employer", label=gettext_lazy("Employer"), url_name="assessments:inspect", sort_key="employer__name"
        ),
        Column("framework", label=gettext_lazy("Framework")),
        Column("state", label=gettext_lazy("State"), accessor="get_state_display", sort_key="state"),
        Column("overall", label=gettext_lazy("Overall"), accessor=lambda row: _percent(row)),
        DateColumn("submitted_at", label=gettext_lazy("Sent"), sort_key="submitted_at"),
    )
    filterset_class = AssessmentFilterSet
    search_fields = ("employer__name",)
    verbs = (
        Verb(
            "confirm", gettext_lazy("Confirm"), to="reviewed", run=assessing.confirm,
            asks=gettext_lazy("A word to the employer, if you like"),
            binding=gettext_lazy("You have looked and agree. It becomes final with its round, or in two weeks."),
        ),
        Verb(
            "hand-back", gettext_lazy("Hand back"), to="open", run=assessing.hand_back,
            asks=gettext_lazy("What to look at again"), must_ask=True,
            binding=gettext_lazy("The employer reads your words and goes on with its answers, which stay as they are."),
        ),
        Verb(
            "finalise", gettext_lazy("Make final"), to="final",
            run=lambda row, text, **how: assessing.finalise(row, **how),
            binding=gettext_lazy("It stands. What changes after is a new version."),
        ),
    )  # fmt: skip
    detail_template = "employers/admin/assessment.html"
    inspect_view_fields = (
        "employer", "framework", "round", "version", "state", "size", "started_at", "submitted_at", "submitted_by",
        "reviewed_at", "comment", "fingerprint",
    )  # fmt: skip

    def more_of(self, request, row: SelfAssessment) -> dict:
        framework = framing.document_of(row.framework, read_language())
        answers = {a.item: a for a in row.answers.select_related("answered_by").prefetch_related("documents")}
        kept = assessing.kept_figures(row) if row.evidence else assessing.figures_of(row.employer)
        bands = {band.code: band.label for band in framework.bands}
        parts = []
        for standard in framework.standards():
            lines = []
            for item in standard.items:
                if not item.asked_of(row.size):
                    continue
                answer, figure = answers.get(item.code), kept.get(item.evidence)
                lines.append({
                    "code": item.code, "statement": item.wording(row.size), "answer": answer_words(framework, answer),
                    "language": words_language(framework, answer),
                    "who": answer.answered_by if answer else None,
                    "papers": list(answer.documents.all()) if answer else [],
                    "record": said_beside(item.evidence, kept),
                    "differs": differs(differs_for(framework, answer, figure)),
                })  # fmt: skip
            score = row.result.get("standards", {}).get(standard.code, {})
            parts.append((standard, score.get("percent"), bands.get(score.get("band"), ""), lines))
        return {
            "parts": parts,
            "differing": [line for *_score, lines in parts for line in lines if line["differs"]],
            "framework": framework,
            "proved": assessing.proves(row) if row.fingerprint else None,
            "badge": row.badges.filter(state="live").first(),
        }


def _percent(row: SelfAssessment) -> str:
    percent = row.result.get("overall", {}).get("percent")
    return "" if percent is None else f"{percent} %"
