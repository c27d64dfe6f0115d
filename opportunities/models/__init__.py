"""What employers plan and offer, in developmental order."""

from opportunities.models.offer import Cap, DayPlan, Opportunity, Session, SessionDay
from opportunities.models.pathway import Pathway, PathwayStep
from opportunities.models.plan import (
    ActionPlan,
    ActionPlanTemplate,
    PlanStep,
    Pledge,
    TemplateStep,
)
from opportunities.models.types import FLAGS, EncounterType, Stage

__all__ = [
    "FLAGS",
    "ActionPlan",
    "ActionPlanTemplate",
    "Cap",
    "DayPlan",
    "EncounterType",
    "Opportunity",
    "Pathway",
    "PathwayStep",
    "PlanStep",
    "Pledge",
    "Session",
    "SessionDay",
    "Stage",
    "TemplateStep",
]
