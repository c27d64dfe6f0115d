"""Floor 0: the hub, its people, and what every other app leans on."""

from hubs.models.hub import Hub
from hubs.models.idempotency import IdempotencyRecord
from hubs.models.link import SignedLink
from hubs.models.log import LogEntry
from hubs.models.message import Message, MessageAttempt
from hubs.models.partner import PartnerEndpoint
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
from hubs.models.preference import HubClosure, MessagePreference
from hubs.models.requirement import HubRequirement, Requirement, Tier
from hubs.models.text_choice import TextChoice
from hubs.models.token import ApiToken
from hubs.models.watch import Heartbeat, ProviderCall
from hubs.models.wording import MessageTemplate

__all__ = [
    "EMPLOYER_ROLES",
    "HUB_ROLES",
    "HUB_STAFF",
    "SCHOOL_ROLES",
    "ApiToken",
    "Heartbeat",
    "Hub",
    "HubClosure",
    "HubRequirement",
    "IdempotencyRecord",
    "Invitation",
    "LogEntry",
    "Membership",
    "Message",
    "MessageAttempt",
    "MessagePreference",
    "MessageTemplate",
    "Note",
    "Organisation",
    "PartnerEndpoint",
    "ProviderCall",
    "Requirement",
    "Role",
    "SignedLink",
    "TextChoice",
    "Tier",
    "User",
]
