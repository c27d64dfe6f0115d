"""Action-plan templates of the hub, and the plans employers make of them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.db.models import Count, F, Min, Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.fields import RichTextField

from employers.models import Site
from employers.models.organisation import EmployerOwned
from hubs.models import EMPLOYER_ROLES, HUB_STAFF
from hubs.scoping import HubOwned, HubOwnedQuerySet
from opportunities.models.types import EncounterType, flag_words, known_flags
from opportunities.timing import LAST_WEEK, Timed

https_only = URLValidator(schemes=["https"], message=_("Give a whole address that begins with https://."))


class ActionPlanTemplate(HubOwned, ClusterableModel):
    """One version of a template. A published version is not edited: a new one follows it,
    and plans keep the version they were adopted from."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        RETIRED = "retired", _("retired")

    MOVES = (
        ("draft", "published", HUB_STAFF),
        ("published", "retired", HUB_STAFF | {"system"}),
        ("retired", "published", HUB_STAFF),
    )

    name = models.CharField(_("name"), max_length=120)
    version = models.PositiveSmallIntegerField(_("version"), default=1, editable=False)
    follows = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="followed_by", editable=False
    )
    about = models.TextField(_("who it is for"), blank=True)
    language = models.CharField(_("language"), max_length=12, default="en-gb")
    sizes = models.JSONField(_("suits sizes"), default=list, blank=True)
    #: Language → place → words (see `opportunities.translating`).
    texts = models.JSONField(_("translations"), default=dict, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT, editable=False)

    open_in_hub = Q(state="published")

    class Meta:
        verbose_name = _("action-plan template")
        verbose_name_plural = _("action-plan templates")
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["hub", "name", "version"], name="template_version_unique"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "published", "retired"]), name="template_state_valid"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} (v{self.version})"

    @property
    def hours(self):
        """Staff hours over the whole year."""
        return sum((step.staff_hours for step in self.steps.all()), start=0)


class TemplateStep(models.Model):
    """`week` counts from the first day of the academic year, or from the step whose key is `after`; 0 to 51."""

    template = ParentalKey(ActionPlanTemplate, on_delete=models.CASCADE, related_name="steps")
    #: The same in every version of the template, so that a plan can be brought up to date step by step.
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    sort_order = models.IntegerField(null=True, blank=True, editable=False)
    title = models.CharField(_("title"), max_length=120)
    encounter_type = models.ForeignKey(
        EncounterType,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("encounter type"),
        help_text=_("Empty for a step without young people, such as naming a contact."),
    )
    aims = models.TextField(_("aims"), blank=True)
    guidance = models.TextField(_("guidance"), blank=True, help_text=_("In a sentence or two; reminders say it too."))
    details = RichTextField(_("more guidance"), blank=True, features=["bold", "italic", "ol", "ul"])
    file = models.ForeignKey(
        "wagtaildocs.Document",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("file"),
        help_text=_("To read or fill in. Of the hub's documents: whoever has the address may open it."),
    )
    video = models.CharField(
        _("video"),
        max_length=240,
        blank=True,
        validators=[https_only],
        help_text=_("An address that begins with https://. It is opened only when somebody presses it."),
    )
    employer_does = models.TextField(_("what the employer does"), blank=True)
    school_does = models.TextField(_("what the school does"), blank=True)
    good_looks_like = models.TextField(_("what good looks like"), blank=True)
    deliverable = models.CharField(_("what there is at the end"), max_length=160, blank=True)
    week = models.PositiveSmallIntegerField(
        _("week"),
        validators=[MaxValueValidator(LAST_WEEK)],
        default=0,
        help_text=_("Of the academic year, its first week being 0, or how many weeks after the step beside it."),
    )
    after = models.UUIDField(_("counted from"), null=True, blank=True)
    staff_hours = models.DecimalField(
        _("staff hours"), max_digits=5, decimal_places=1, default=1, validators=[MinValueValidator(0)]
    )
    places = models.PositiveSmallIntegerField(_("places expected"), default=0)
    standard = models.CharField(
        _("standard it serves"),
        max_length=80,
        blank=True,
        help_text=_("What an employer that takes this step gets better at."),
    )
    flags = models.JSONField(
        _("what it shall have"),
        default=list,
        blank=True,
        validators=[known_flags],
        help_text=_("Which of the tests of a meaningful encounter good work in this step meets."),
    )

    sort_order_field = "sort_order"

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["sort_order", "pk"]
        constraints = [models.CheckConstraint(condition=Q(week__lte=LAST_WEEK), name="template_step_week_valid")]

    def __str__(self) -> str:
        return self.title

    @property
    def timed(self) -> Timed[uuid.UUID]:
        return Timed(self.key, self.week, self.after, (self.sort_order or 0, self.pk or 0))

    @property
    def flag_words(self) -> list[str]:
        return flag_words(self.flags)


class ActionPlanQuerySet(HubOwnedQuerySet):
    def with_progress(self, *, late_before: dt.date) -> Self:
        """`steps_all`, `steps_done`, `steps_skipped`; `behind_since` is the day of the first planned step that was due
        before `late_before`, of a plan that is under way."""
        late = Q(steps__state="planned", steps__due_on__lt=late_before, state="active")
        return self.annotate(
            steps_all=Count("steps"),
            steps_done=Count("steps", filter=Q(steps__state="done")),
            steps_skipped=Count("steps", filter=Q(steps__state="skipped")),
            behind_since=Min("steps__due_on", filter=late),
        )


class ActionPlan(EmployerOwned):
    class State(models.TextChoices):
        ACTIVE = "active", _("under way")
        COMPLETED = "completed", _("completed")
        ABANDONED = "abandoned", _("given up")

    MOVES = (
        ("active", "completed", HUB_STAFF | EMPLOYER_ROLES | {"system"}),
        ("active", "abandoned", HUB_STAFF | EMPLOYER_ROLES | {"system"}),
        ("abandoned", "active", HUB_STAFF | EMPLOYER_ROLES),
    )

    template = models.ForeignKey(ActionPlanTemplate, on_delete=models.PROTECT, related_name="plans")
    year_starts_on = models.DateField(_("academic year from"))
    year_ends_on = models.DateField(_("academic year to"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ACTIVE)
    adopted_by = models.ForeignKey("hubs.User", null=True, on_delete=models.SET_NULL, related_name="+")
    adopted_at = models.DateTimeField(_("adopted"))

    objects = ActionPlanQuerySet.as_manager()

    named_with = ("template",)

    class Meta:
        verbose_name = _("action plan")
        verbose_name_plural = _("action plans")
        ordering = ["-year_starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["active", "completed", "abandoned"]), name="plan_state_valid"
            ),
            models.CheckConstraint(condition=Q(year_ends_on__gt=F("year_starts_on")), name="plan_year_ordered"),
            models.UniqueConstraint(
                fields=["employer", "template", "year_starts_on"],
                condition=~Q(state="abandoned"),
                name="plan_one_per_year",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template.name} {self.year_starts_on.year}"


class PlanStep(EmployerOwned):
    """A dated, owned step. Its words are copied from the template so that the plan stays
    what was agreed when the template moves on."""

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        DONE = "done", _("done")
        SKIPPED = "skipped", _("skipped")

    MOVES = (
        ("planned", "done", HUB_STAFF | EMPLOYER_ROLES | {"system"}),
        ("planned", "skipped", HUB_STAFF | EMPLOYER_ROLES),
        ("skipped", "planned", HUB_STAFF | EMPLOYER_ROLES),
        ("done", "planned", HUB_STAFF | EMPLOYER_ROLES),
    )

    #: What its words are in, once they were exchanged for a reader (`opportunities/translating.py`); no column.
    language: str = ""

    plan = models.ForeignKey(ActionPlan, on_delete=models.CASCADE, related_name="steps")
    template_step = models.ForeignKey(TemplateStep, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(_("title"), max_length=120)
    encounter_type = models.ForeignKey(EncounterType, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    guidance = models.TextField(_("guidance"), blank=True)
    due_on = models.DateField(_("by"))
    places = models.PositiveSmallIntegerField(_("places expected"), default=0)
    owner = models.ForeignKey(
        "hubs.User",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("owner"),
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PLANNED)
    standard = models.CharField(
        _("standard it serves"),
        max_length=80,
        blank=True,
        help_text=_("Framework and standard; of a recommendation, which one it was as well."),
    )
    reason = models.TextField(_("why skipped"), blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    named_with = ()

    class Meta:
        verbose_name = _("plan step")
        verbose_name_plural = _("plan steps")
        ordering = ["due_on", "position", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["planned", "done", "skipped"]), name="plan_step_state_valid"),
            models.CheckConstraint(condition=~Q(state="skipped") | ~Q(reason=""), name="plan_step_skip_has_reason"),
        ]

    def __str__(self) -> str:
        return self.title


class Pledge(EmployerOwned):
    """What an employer thinks it can give in a year, before any date."""

    class Answer(models.TextChoices):
        YES = "yes", _("yes")
        MAYBE = "maybe", _("maybe")
        NO = "no", _("not this year")

    class Reason(models.TextChoices):
        TIME = "time", _("it takes too much time")
        TASKS = "tasks", _("we find no suitable tasks")
        PEOPLE = "people", _("nobody can look after them")
        SPACE = "space", _("we have no room")
        COST = "cost", _("it costs too much")
        PAPERS = "papers", _("the paperwork, insurance or rules")
        OTHER = "other", _("something else")

    year_starts_on = models.DateField(_("academic year from"))
    answer = models.CharField(_("answer"), max_length=5, choices=Answer)
    reasons = models.JSONField(_("reasons"), default=list, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    hours = models.PositiveSmallIntegerField(_("hours"), null=True, blank=True)
    places = models.PositiveSmallIntegerField(_("places"), null=True, blank=True)
    min_age = models.PositiveSmallIntegerField(_("from age"), null=True, blank=True)
    max_age = models.PositiveSmallIntegerField(_("to age"), null=True, blank=True)
    months = models.JSONField(_("months"), default=list, blank=True)
    encounter_types = models.ManyToManyField(EncounterType, verbose_name=_("formats"), blank=True)
    sites = models.ManyToManyField(Site, verbose_name=_("sites"), blank=True)
    answered_at = models.DateTimeField(_("answered"))
    ask_again_on = models.DateField(_("ask again"), null=True, blank=True)

    class Meta:
        verbose_name = _("pledge")
        verbose_name_plural = _("pledges")
        constraints = [
            models.UniqueConstraint(fields=["employer", "year_starts_on"], name="pledge_one_a_year"),
            models.CheckConstraint(condition=Q(answer__in=["yes", "maybe", "no"]), name="pledge_answer_valid"),
            models.CheckConstraint(
                condition=Q(min_age__isnull=True) | Q(max_age__isnull=True) | Q(max_age__gte=F("min_age")),
                name="pledge_ages_ordered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employer} {self.year_starts_on.year}: {self.answer}"
