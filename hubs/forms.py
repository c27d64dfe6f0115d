"""How every form of the portal is drawn: labels, hints and errors in one place."""

from django.forms.renderers import TemplatesSetting


class PortalFormRenderer(TemplatesSetting):
    """Draws `{{ form }}` with an error summary on top and each error beside its field.

    Set as FORM_RENDERER. Widgets keep Django's own templates, so the Wagtail admin and the
    API's pages are drawn as before.
    """

    form_template_name = "portal/forms/form.html"
    field_template_name = "portal/forms/field.html"
    formset_template_name = "portal/forms/formset.html"
