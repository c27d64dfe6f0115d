"""The pieces a page is made of: few, and each with one way to look right."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock

from cms.catalogue import cards, open_opportunities

RICH = ["h2", "h3", "bold", "italic", "ol", "ul", "link", "document-link"]
SMALL_RICH = ["bold", "italic", "link"]
MOST_SHOWN = 6


def validate_address(value: str) -> None:
    """A path of this site, or a web or mail address; nothing a browser would execute."""
    path_here = value.startswith("/") and not value.startswith("//")
    if not (path_here or value.startswith(("https://", "mailto:"))):
        raise ValidationError(
            _("“%(value)s” is no address. Begin with / for a page here, or with https:// or mailto:."),
            params={"value": value},
        )


class CallToAction(blocks.StructBlock):
    heading = blocks.CharBlock(label=_("Heading"), max_length=80)
    text = blocks.TextBlock(label=_("Text"), max_length=240, required=False)
    label = blocks.CharBlock(label=_("Words on the button"), max_length=40, help_text=_("A verb: “Offer a visit”."))
    page = blocks.PageChooserBlock(label=_("Page"), required=False)
    address = blocks.CharBlock(label=_("or address"), max_length=240, required=False, validators=[validate_address])

    class Meta:
        icon = "link"
        label = _("Call to action")
        template = "cms/blocks/call_to_action.html"

    def clean(self, value):
        cleaned = super().clean(value)
        if bool(cleaned["page"]) == bool(cleaned["address"]):
            sentence = ValidationError(_("Choose a page or write an address, one of the two."))
            raise blocks.StructBlockValidationError(block_errors={"address": sentence})
        return cleaned


class Step(blocks.StructBlock):
    title = blocks.CharBlock(label=_("Step"), max_length=120)
    text = blocks.RichTextBlock(label=_("Text"), features=SMALL_RICH, required=False)


class Steps(blocks.StructBlock):
    heading = blocks.CharBlock(label=_("Heading"), max_length=80, required=False)
    steps = blocks.ListBlock(Step(), label=_("Steps"), min_num=2)

    class Meta:
        icon = "list-ol"
        label = _("Steps")
        template = "cms/blocks/steps.html"


class Quote(blocks.StructBlock):
    text = blocks.TextBlock(label=_("Words"), max_length=400)
    who = blocks.CharBlock(
        label=_("Who said it"), max_length=120, help_text=_("A role and an organisation; no pupil's name.")
    )

    class Meta:
        icon = "openquote"
        label = _("Quote")
        template = "cms/blocks/quote.html"


class Fact(blocks.StructBlock):
    value = blocks.CharBlock(label=_("Number"), max_length=20)
    label = blocks.CharBlock(label=_("What it counts"), max_length=80)
    source = blocks.CharBlock(label=_("Source and year"), max_length=120, required=False)


class Facts(blocks.StructBlock):
    heading = blocks.CharBlock(label=_("Heading"), max_length=80, required=False)
    facts = blocks.ListBlock(Fact(), label=_("Facts"), min_num=1, max_num=4)

    class Meta:
        icon = "order"
        label = _("Facts in numbers")
        template = "cms/blocks/facts.html"


class Picture(blocks.StructBlock):
    image = ImageChooserBlock(label=_("Picture"))
    alt = blocks.CharBlock(
        label=_("What the picture shows"), max_length=160, help_text=_("Read aloud to those who cannot see it.")
    )
    caption = blocks.CharBlock(label=_("Caption"), max_length=160, required=False)

    class Meta:
        icon = "image"
        label = _("Picture")
        template = "cms/blocks/picture.html"


class Callout(blocks.StructBlock):
    tone = blocks.ChoiceBlock(
        label=_("Kind"),
        choices=[("information", _("Good to know")), ("attention", _("Take care")), ("good", _("Well done"))],
        default="information",
    )
    heading = blocks.CharBlock(label=_("Heading"), max_length=80, required=False)
    text = blocks.TextBlock(label=_("Text"), max_length=400)

    class Meta:
        icon = "warning"
        label = _("Callout")
        template = "cms/blocks/callout.html"


class DocumentLink(blocks.StructBlock):
    document = DocumentChooserBlock(label=_("Document"))
    label = blocks.CharBlock(label=_("Words of the link"), max_length=120, required=False)

    class Meta:
        icon = "doc-full"
        label = _("Document to download")
        template = "cms/blocks/document_link.html"


class OpenOpportunities(blocks.StructBlock):
    heading = blocks.CharBlock(label=_("Heading"), max_length=80, default=_("Open now"))
    most = blocks.IntegerBlock(label=_("At most"), default=3, min_value=1, max_value=MOST_SHOWN)

    class Meta:
        icon = "calendar-alt"
        label = _("Next open sessions")
        template = "cms/blocks/open_opportunities.html"

    def get_context(self, value, parent_context=None):
        context = super().get_context(value, parent_context=parent_context)
        request = (parent_context or {}).get("request")
        hub = getattr(request, "hub", None)
        context["cards"] = cards(open_opportunities(hub, request.now)[: value["most"]]) if hub else []
        context["now"] = getattr(request, "now", None)
        return context


class Question(blocks.StructBlock):
    question = blocks.CharBlock(label=_("Question"), max_length=160)
    answer = blocks.RichTextBlock(label=_("Answer"), features=[*SMALL_RICH, "ul", "ol", "document-link"])


class Questions(blocks.StructBlock):
    heading = blocks.CharBlock(label=_("Heading"), max_length=80, default=_("Questions people ask"))
    questions = blocks.ListBlock(Question(), label=_("Questions"), min_num=1)

    class Meta:
        icon = "help"
        label = _("Questions and answers")
        template = "cms/blocks/questions.html"


class Body(blocks.StreamBlock):
    text = blocks.RichTextBlock(label=_("Text"), icon="pilcrow", features=RICH, template="cms/blocks/text.html")
    steps = Steps()
    call_to_action = CallToAction()
    callout = Callout()
    facts = Facts()
    quote = Quote()
    picture = Picture()
    document = DocumentLink()
    open_opportunities = OpenOpportunities()
    questions = Questions()


class CheckAnswer(blocks.StructBlock):
    text = blocks.CharBlock(label=_("Answer"), max_length=200)
    is_right = blocks.BooleanBlock(label=_("The right one"), required=False)


class Check(blocks.StructBlock):
    question = blocks.CharBlock(label=_("Question"), max_length=240)
    answers = blocks.ListBlock(CheckAnswer(), label=_("Answers"), min_num=2, max_num=6)
    why = blocks.CharBlock(label=_("Why, said to whoever answers otherwise"), max_length=300)

    class Meta:
        icon = "help"
        label = _("Question with answers")

    def clean(self, value):
        cleaned = super().clean(value)
        if sum(answer["is_right"] for answer in cleaned["answers"]) != 1:
            sentence = ValidationError(_("Mark one answer as the right one, and no other."))
            raise blocks.StructBlockValidationError(block_errors={"answers": sentence})
        return cleaned


class Checks(blocks.StreamBlock):
    check = Check()

    class Meta:
        min_num = 1
        max_num = 12
