"""Who walks, and what each of them may read."""

from __future__ import annotations

from dataclasses import dataclass

from tests.isolation.world import World

#: What everybody reads on hub A's address, signed in or not.
PUBLIC = frozenset({"HARBOUR-OPEN", "BRIGHTWATER-OPEN", "SAFFRON-OPEN"})
OWN = ("OPEN", "SHARED", "HOSTED", "PRIVATE", "PERSON")


@dataclass(frozen=True)
class Persona:
    """`tenant` is where they belong; `reads` the canaries they may meet besides the public ones.

    All walk on hub A's address, also those of hub B.
    """

    name: str
    tenant: str = ""
    reads: frozenset[str] = frozenset()
    is_staff: bool = False
    is_root: bool = False

    def user(self, world: World):
        return getattr(world.cast, self.name) if self.name != "anonymous" else None


def _all_of(*tenants: str) -> frozenset[str]:
    return frozenset(f"{tenant}-{sight}" for tenant in tenants for sight in OWN)


_SCHOOL = _all_of("QUAYSIDE") | {"BRIGHTWATER-SHARED"}
_EMPLOYER = _all_of("BRIGHTWATER") | {"QUAYSIDE-SHARED", "QUAYSIDE-HOSTED"}
_HUB = _all_of("HARBOUR", "QUAYSIDE", "NORTHGATE", "BRIGHTWATER", "SAFFRON")

PERSONAS = (
    Persona("anonymous"),
    Persona("coordinator", "quayside", _SCHOOL),
    Persona("school_member", "quayside", _SCHOOL),
    Persona("other_coordinator", "northgate", _all_of("NORTHGATE") | {"SAFFRON-SHARED"}),
    Persona("coordinator_b", "tarn", frozenset({"TARN-PERSON"})),
    Persona("employer_lead", "brightwater", _EMPLOYER),
    Persona("employer_member", "brightwater", _EMPLOYER),
    Persona("other_lead", "saffron", _all_of("SAFFRON") | {"NORTHGATE-SHARED", "NORTHGATE-HOSTED"}),
    Persona("amina", "harbour", _HUB, is_staff=True),
    Persona("bob", "harbour", _HUB, is_staff=True),
    Persona("ben", "harbour", _HUB, is_staff=True),
    Persona("chloe", "fells", frozenset({"FELLS-PERSON"})),
    Persona("root", "harbour", _HUB, is_staff=True, is_root=True),
)
