"""Floor 0: the hub, its people, and what every other app leans on."""

from hubs.models.hub import Hub
from hubs.models.idempotency import IdempotencyRecord
from hubs.models.link import SignedLink
from hubs.models.log import LogEntry
from hubs.models.message import Message, MessageAttempt
from hubs.models.people import (
    EMPLOYER_ROLES,
    HUB_ROLES,
    HUB_STAFF,
    SCHOOL_ROLES,
    Invitation,
    Membership,
    Note,
    Organisation,
    Role,
    User,
)
from hubs.models.requirement import HubRequirement, Requirement
from hubs.models.token import ApiToken

__all__ = [
    "EMPLOYER_ROLES",
    "HUB_ROLES",
    "HUB_STAFF",
    "SCHOOL_ROLES",
    "ApiToken",
    "Hub",
    "HubRequirement",
    "IdempotencyRecord",
    "Invitation",
    "LogEntry",
    "Membership",
    "Message",
    "MessageAttempt",
    "Note",
    "Organisation",
    "Requirement",
    "Role",
    "SignedLink",
    "User",
]
