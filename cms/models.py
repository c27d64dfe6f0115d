"""The pages of a hub's site."""

from __future__ import annotations

from csp.constants import SELF
from django.core.paginator import Paginator
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page

from cms.blocks import Body, Checks
from cms.catalogue import counted
from cms.forms import SitePageForm
from cms.shell import site_context, voice_of
from hubs.models.people import fold

NEWS_A_PAGE = 10


class SitePage(Page):
    """What every page has: one sentence about itself, and a body of blocks.

    `search_text` is the live text, folded: both databases then find the same pages, whatever
    the accents and capitals. Drafts live in revisions and never reach it.
    """

    summary = models.CharField(
        _("in one sentence"),
        max_length=240,
        blank=True,
        help_text=_("Shown under the title, in lists and by search engines."),
    )
    body = StreamField(Body(), blank=True, verbose_name=_("body"))
    search_text = models.TextField(editable=False, blank=True, default="")

    content_panels = [*Page.content_panels, FieldPanel("summary"), FieldPanel("body")]
    base_form_class = SitePageForm
    # Site pages are public or drafts. A password shared by a page is no protection worth having.
    private_page_options: list[str] = []

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        self.search_text = fold(" ".join(self.words()))
        fields = kwargs.get("update_fields")
        if fields and "body" in fields:
            kwargs["update_fields"] = [*fields, "search_text"]
        return super().save(*args, **kwargs)

    def words(self) -> list[str]:
        """Everything a reader of this page can read, as plain text."""
        stream = self._meta.get_field("body").stream_block
        return [self.title, self.summary, *stream.get_searchable_content(self.body)]

    def serve(self, request, *args, **kwargs):
        with voice_of(request.hub):
            return super().serve(request, *args, **kwargs).render()

    def serve_preview(self, request, mode_name):
        with voice_of(request.hub):
            response = super().serve_preview(request, mode_name)
            if hasattr(response, "render"):
                response.render()
        # The editor shows previews in a frame of the same site; the rest of the policy stays.
        response._csp_replace = {"frame-ancestors": [SELF]}
        return response

    def get_context(self, request, *args, **kwargs):
        return {**super().get_context(request, *args, **kwargs), "title": self.title, **site_context(request)}

    def live_children(self, model: type[SitePage]) -> models.QuerySet:
        return model.objects.child_of(self).live()


class HomePage(SitePage):
    """The first page: one sentence that says what the hub is for, and two ways to begin."""

    headline = models.CharField(_("headline"), max_length=120)

    content_panels = [
        *Page.content_panels,
        FieldPanel("headline"),
        FieldPanel("summary"),
        FieldPanel("body"),
    ]
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = [
        "cms.AudiencePage",
        "cms.GuidanceIndexPage",
        "cms.NewsIndexPage",
        "cms.PreparationPage",
        "cms.StandardPage",
    ]

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")

    def words(self) -> list[str]:
        return [self.headline, *super().words()]

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        context["audiences"] = self.live_children(AudiencePage).order_by("path")
        context["open_count"] = counted(request.hub, request.now) if request.hub else 0
        return context


class Audience(models.TextChoices):
    EVERYBODY = "everybody", _("everybody")
    EMPLOYERS = "employers", _("employers")
    SCHOOLS = "schools", _("schools")


class AudiencePage(SitePage):
    """What the hub does for one kind of reader: employers, or schools."""

    audience = models.CharField(_("for"), max_length=10, choices=Audience, default=Audience.EVERYBODY)

    content_panels = [*SitePage.content_panels, FieldPanel("audience")]
    parent_page_types = ["cms.HomePage"]
    subpage_types = ["cms.StandardPage"]

    class Meta:
        verbose_name = _("page for an audience")
        verbose_name_plural = _("pages for an audience")
        constraints = [
            models.CheckConstraint(
                condition=Q(audience__in=["everybody", "employers", "schools"]), name="audience_page_audience_valid"
            )
        ]

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        home = self.get_parent()
        context["guidance"] = (
            GuidancePage.objects.descendant_of(home)
            .live()
            .filter(audience__in=[self.audience, Audience.EVERYBODY])
            .order_by("path")
        )
        return context


class GuidanceIndexPage(SitePage):
    """All guidance of the hub."""

    parent_page_types = ["cms.HomePage"]
    subpage_types = ["cms.GuidancePage"]

    class Meta:
        verbose_name = _("list of guidance")
        verbose_name_plural = _("lists of guidance")

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        context["guidance"] = self.live_children(GuidancePage).order_by("path")
        return context


class GuidancePage(SitePage):
    """How to do one thing well."""

    audience = models.CharField(_("for"), max_length=10, choices=Audience, default=Audience.EVERYBODY)

    content_panels = [*SitePage.content_panels, FieldPanel("audience")]
    parent_page_types = ["cms.GuidanceIndexPage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("guidance")
        verbose_name_plural = _("guidance")
        constraints = [
            models.CheckConstraint(
                condition=Q(audience__in=["everybody", "employers", "schools"]), name="guidance_page_audience_valid"
            )
        ]


class NewsIndexPage(SitePage):
    """News, the latest first."""

    parent_page_types = ["cms.HomePage"]
    subpage_types = ["cms.NewsPage"]

    class Meta:
        verbose_name = _("list of news")
        verbose_name_plural = _("lists of news")

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        news = self.live_children(NewsPage).order_by("-published_on", "-pk")
        context["page"] = self
        context["news"] = Paginator(news, NEWS_A_PAGE).get_page(request.GET.get("page"))
        return context


class NewsPage(SitePage):
    """One piece of news."""

    published_on = models.DateField(_("date"))

    content_panels = [*Page.content_panels, FieldPanel("published_on"), FieldPanel("summary"), FieldPanel("body")]
    parent_page_types = ["cms.NewsIndexPage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("news")
        verbose_name_plural = _("news")


class StandardPage(SitePage):
    """Anything else: about us, accessibility, privacy."""

    parent_page_types = ["cms.HomePage", "cms.AudiencePage", "cms.StandardPage"]
    subpage_types = ["cms.StandardPage"]

    class Meta:
        verbose_name = _("page")
        verbose_name_plural = _("pages")


class PreparationPage(SitePage):
    """What volunteers read before they first meet young people, with a short check at its end.

    The page is as public as any; the check is answered by a volunteer's own link, and holds for `valid_months`.
    """

    valid_months = models.PositiveSmallIntegerField(
        _("holds for so many months"), default=24, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    is_required = models.BooleanField(
        _("required before first contact"),
        default=True,
        help_text=_(
            "Not ticked, it is there to be read. For which encounters it is asked, and whether they may start without "
            "it, a lead of the hub says under Settings, Requirements, by a rule of the kind “preparation”."
        ),
    )
    questions = StreamField(Checks(), verbose_name=_("questions"))

    content_panels = [
        *SitePage.content_panels,
        FieldPanel("is_required"),
        FieldPanel("valid_months"),
        FieldPanel("questions"),
    ]
    parent_page_types = ["cms.HomePage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("preparation of volunteers")
        verbose_name_plural = _("preparations of volunteers")
        constraints = [
            models.CheckConstraint(condition=Q(valid_months__range=(1, 120)), name="preparation_page_months_valid")
        ]
