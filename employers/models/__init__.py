"""Employers: organisations that offer, where, through whom, and how good they are at it."""

from employers.models.organisation import Contact, Document, Employer, Sector, Site, Volunteer
from employers.models.standards import (
    Answer,
    AssessmentRound,
    FrameworkItem,
    Recommendation,
    SelfAssessment,
    Standard,
    StandardsFramework,
)

__all__ = [
    "Answer",
    "AssessmentRound",
    "Contact",
    "Document",
    "Employer",
    "FrameworkItem",
    "Recommendation",
    "Sector",
    "SelfAssessment",
    "Site",
    "Standard",
    "StandardsFramework",
    "Volunteer",
]
