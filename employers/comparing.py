"""Which comparisons may be shown, so that no one can be singled out; pure.

A comparison is three quartiles of one group for one measure, in steps of five points. Groups overlap
(hub, sector, region, size, all), and new ones are made every month, so what is shown is decided
together with all that was ever shown of the same measure:

* a group has at least `LEAST_GROUP` organisations;
* whatever is formed of groups shown, by any unions, intersections and differences, in one month or
  over several, is either empty or has at least `LEAST_CELL` members.

A member is one assessment: whoever sends a new one leaves and joins. Counted are the organisations
behind them (`owners`), of which one may be active in several hubs. The second rule is checked on the
cells, the sets of assessments that belong to exactly the same groups: every such combination is a
union of cells. Members of one cell can exchange their scores and nothing that was ever shown
changes, so nobody can tell which of them has which. The decision looks at who is in a group and
never at a score.

Exchanging hides nothing where all have the same: seven of eight with everything right are known to
whoever knows that the eighth is not, and a median that jumps when three join tells of all three. So
figures are taken from a part of the group, drawn anew by lot for each publication and kept nowhere:
anybody may have been left out, and no figure holds for certain of anyone. A third is left out,
because then every count of members that figures allow on one side of a value has half of the group
in it, whichever quartile it is taken from: no two publications can contradict each other so far that
somebody has to be on one side.

(Cells: complete differencing protection as for tables, see "Handbook on Statistical Disclosure
Control", Eurostat 2010, chapter 4.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import NamedTuple

OVERALL = "overall"  # the measure of all standards together, beside the codes of each
LEAST_GROUP = 8
LEAST_CELL = 3
STEP = 5
LEFT_OUT = 3  # one in so many

Member = Hashable


class Quartiles(NamedTuple):
    lower: int
    middle: int
    upper: int


def cells(shown: Iterable[frozenset]) -> list[set]:
    """The sets of members that belong to exactly the same of the groups shown."""
    signatures: dict[Member, list[int]] = defaultdict(list)
    for number, group in enumerate(shown):
        for member in group:
            signatures[member].append(number)
    found: dict[tuple[int, ...], set] = defaultdict(set)
    for member, signature in signatures.items():
        found[tuple(signature)].add(member)
    return list(found.values())


class Guard:
    """What was shown so far of one measure; says of each further group whether it may be shown."""

    def __init__(self, shown: Iterable[frozenset] = (), owners: Mapping[Member, Hashable] | None = None) -> None:
        self._owners = owners or {}  # a member that is not in it is its own
        self._cell: dict[Member, int] = {}
        self._members: dict[int, set[Member]] = {}
        self._next = 1  # cell 0 would be everybody in no group shown, who cannot be told from outsiders
        for group in shown:
            self._split(group)

    def may_show(self, group: frozenset) -> bool:
        """Whether every cell stays large enough when this group is shown as well."""
        if self._apart(group) < LEAST_GROUP:
            return False
        for cell, inside in self._parts(group).items():
            rest = self._members[cell] - inside if cell else set()
            if self._apart(inside) < LEAST_CELL or (rest and self._apart(rest) < LEAST_CELL):
                return False
        return True

    def _apart(self, members: Iterable[Member]) -> int:
        """How many organisations they are."""
        return len({self._owners.get(member, member) for member in members})

    def _parts(self, group: frozenset) -> dict[int, set[Member]]:
        parts: dict[int, set[Member]] = defaultdict(set)
        for member in group:
            parts[self._cell.get(member, 0)].add(member)
        return parts

    def show(self, group: frozenset) -> bool:
        """Show it if it may be. Returns whether it was."""
        allowed = self.may_show(group)
        if allowed:
            self._split(group)
        return allowed

    def _split(self, group: frozenset) -> None:
        for cell, members in self._parts(group).items():
            if cell:
                if members == self._members[cell]:
                    continue  # all of it: nothing is split
                self._members[cell] -= members
            self._members[self._next] = members
            self._cell |= dict.fromkeys(members, self._next)
            self._next += 1


def publish(groups: Sequence[tuple[Hashable, frozenset]], before: Iterable[frozenset] = ()) -> list[Hashable]:
    """The keys of the groups that may be shown, of `groups` in the order of their importance, given
    every group of this measure shown `before`."""
    guard = Guard(before)
    return [key for key, members in groups if guard.show(members)]


def drawn(members: Iterable[int], lot: Random) -> list[int]:
    """The part of a group that its figures are taken from. Who is left out, a third rounded up, is not kept."""
    ordered = sorted(members)
    return lot.sample(ordered, len(ordered) - -(-len(ordered) // LEFT_OUT))


def quartiles(scores: Iterable[Fraction]) -> Quartiles:
    """In percent, rounded to steps of five (halves up), of shares between 0 and 1.

    The quartile is the value below or at which at least a quarter, half, three quarters lie: one of
    the scores, with nothing between two of them made up. Raises ValueError without any score."""
    ordered = sorted(scores)
    if not ordered:
        raise ValueError("no scores")
    return Quartiles(*(_rounded(ordered[(len(ordered) * part + 3) // 4 - 1]) for part in (1, 2, 3)))


def _rounded(score: Fraction) -> int:
    return STEP * int(score * 100 / STEP + Fraction(1, 2))


def place(score: Fraction, found: Quartiles) -> str:
    """Where one's own score (0 to 1) stands: "lower", "middle" or "upper"; a word for a person, no rank.

    Rounded as the quartiles are: who has the very score that a quartile was taken from is within."""
    own = _rounded(score)
    return "lower" if own < found.lower else "upper" if own > found.upper else "middle"
