from wagtail import hooks

from opportunities.viewsets import CapViewSet, EncounterTypeViewSet, OpportunityViewSet
from opportunities.viewsets_pathways import PathwayViewSet
from opportunities.viewsets_plans import PlanViewSet
from opportunities.viewsets_pledges import PledgePages, PledgeViewSet
from opportunities.viewsets_templates import TemplateViewSet


@hooks.register("register_admin_viewset")
def opportunity_viewsets():
    return [
        OpportunityViewSet(), TemplateViewSet(), PathwayViewSet(), EncounterTypeViewSet(), CapViewSet(), PledgePages(),
        PledgeViewSet(), PlanViewSet(),
    ]  # fmt: skip
