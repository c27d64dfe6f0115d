from wagtail import hooks

from opportunities.viewsets import EncounterTypeViewSet, OpportunityViewSet, TemplateViewSet


@hooks.register("register_admin_viewset")
def opportunity_viewsets():
    return [OpportunityViewSet(), TemplateViewSet(), EncounterTypeViewSet()]
