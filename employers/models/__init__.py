"""Employers: organisations that offer, where, through whom, and how good they are at it."""

from employers.models.badges import Badge, BadgeKey
from employers.models.figures import Comparison, CountedStandards, EvidenceFigure
from employers.models.imports import ColumnMeaning, EmployerImport
from employers.models.interest import Interest
from employers.models.organisation import Contact, Document, Employer, Sector, Site, Volunteer
from employers.models.preparing import Preparation
from employers.models.standards import (
    Answer,
    AssessmentRound,
    FrameworkItem,
    Pillar,
    Recommendation,
    RoundPlace,
    SelfAssessment,
    Standard,
    StandardsFramework,
)

__all__ = [
    "Answer",
    "AssessmentRound",
    "Badge",
    "BadgeKey",
    "ColumnMeaning",
    "Comparison",
    "Contact",
    "CountedStandards",
    "Document",
    "Employer",
    "EmployerImport",
    "EvidenceFigure",
    "FrameworkItem",
    "Interest",
    "Pillar",
    "Preparation",
    "Recommendation",
    "RoundPlace",
    "Sector",
    "SelfAssessment",
    "Site",
    "Standard",
    "StandardsFramework",
    "Volunteer",
]
