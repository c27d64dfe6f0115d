from wagtail import hooks

from opportunities.viewsets import CapViewSet, EncounterTypeViewSet, OpportunityViewSet, TemplateViewSet


@hooks.register("register_admin_viewset")
def opportunity_viewsets():
    return [OpportunityViewSet(), TemplateViewSet(), EncounterTypeViewSet(), CapViewSet()]
