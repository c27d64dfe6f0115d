"""Which employer a line of a list may be already. Pure: reasons are codes, the words are the edge's.

Sure: the same registration number; or the same name (without its legal form) with the same postcode, domain or no
place to tell them apart. Everything else is only likely, and a person decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import takewhile
from urllib.parse import urlsplit

from hubs.sheets import plain

#: Left out of names before they are compared.
LEGAL = frozenset(
    [
        "ltd",
        "limited",
        "plc",
        "llp",
        "llc",
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "co",
        "company",
        "cic",
        "cio",
        "gmbh",
        "mbh",
        "ag",
        "kg",
        "kgaa",
        "ohg",
        "ug",
        "ev",
        "eg",
        "gbr",
        "sarl",
        "sas",
        "sa",
        "sasu",
        "eurl",
        "snc",
        "sl",
        "slu",
        "sll",
        "scoop",
        "ltda",
        "me",
        "eireli",
        "epp",
        "spa",
        "srl",
        "bv",
        "nv",
        "ab",
        "as",
        "oy",
        "aps",
        "pvt",
        "private",
        "the",
        "der",
        "die",
        "das",
        "le",
        "la",
        "les",
        "el",
        "los",
        "und",
        "and",
        "et",
        "y",
        "e",
        "of",
        "u",
    ]
)
#: Addresses there say nothing about a firm.
PUBLIC_MAIL = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.com",
        "hotmail.co.uk",
        "hotmail.fr",
        "live.com",
        "live.co.uk",
        "msn.com",
        "yahoo.com",
        "yahoo.co.uk",
        "yahoo.fr",
        "yahoo.de",
        "yahoo.es",
        "ymail.com",
        "icloud.com",
        "me.com",
        "mac.com",
        "aol.com",
        "gmx.de",
        "gmx.net",
        "gmx.com",
        "web.de",
        "t-online.de",
        "freenet.de",
        "orange.fr",
        "wanadoo.fr",
        "free.fr",
        "laposte.net",
        "sfr.fr",
        "btinternet.com",
        "sky.com",
        "virginmedia.com",
        "talktalk.net",
        "protonmail.com",
        "proton.me",
        "mail.com",
        "uol.com.br",
        "bol.com.br",
        "terra.com.br",
        "rediffmail.com",
    ]
)
#: Sites where many firms have a page.
SHARED_SITES = frozenset(
    [
        "facebook.com",
        "m.facebook.com",
        "instagram.com",
        "linkedin.com",
        "uk.linkedin.com",
        "twitter.com",
        "x.com",
        "youtube.com",
        "etsy.com",
        "sites.google.com",
        "linktr.ee",
    ]
)
NEARLY = 0.86
NEARLY_IN_PLACE = 0.6
MOST = 3

NUMBER, NAME, NEAR, DOMAIN, PLACE = "number", "name", "near", "domain", "place"


@dataclass(frozen=True, slots=True)
class Firm:
    """An employer of the hub (`key`: its id) or an earlier line of the file (`key`: minus its line)."""

    key: int
    name: str
    number: str = ""
    domains: frozenset[str] = frozenset()
    postcodes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Likeness:
    """`reasons`: (code, what is the same), the strongest first."""

    firm: Firm
    reasons: tuple[tuple[str, str], ...]
    is_sure: bool


@lru_cache(maxsize=20_000)
def bare_name(name: str) -> str:
    """In plain words without legal forms: "The Brightwater Eng. Co. Ltd" is "brightwater eng"."""
    words = plain(name.replace("&", " and ").replace("'", "").replace("’", "").replace(".", " ")).split()
    kept = [word for word in words if word not in LEGAL]
    # "S.A.R.L." is four letters at the end; "J Smith" and "A Smith" are two people.
    letters = len(list(takewhile(lambda word: len(word) == 1, reversed(kept))))
    kept = kept[:-letters] if letters > 1 else kept
    return " ".join(kept or words)


def bare_number(number: str) -> str:
    """Letters and digits; zeros in front are lost by spreadsheets. "" for "N/A" and other words without a digit."""
    return plain(number).replace(" ", "").lstrip("0") if any(sign.isdigit() for sign in number) else ""


def bare_postcode(postcode: str) -> str:
    return plain(postcode).replace(" ", "")


def domains_of(website: str, *emails: str) -> frozenset[str]:
    """Those that are a firm's own."""
    try:
        site = (urlsplit(website).hostname or "").removeprefix("www.").lower()
    except ValueError:
        site = ""
    found = {site} - SHARED_SITES | {email.rpartition("@")[2].lower() for email in emails} - PUBLIC_MAIL
    return frozenset(found - {""})


@dataclass(slots=True)
class Register:
    """Firms by what may be the same, so that a line is compared with few of them."""

    by_number: dict[str, list[Firm]] = field(default_factory=dict)
    by_name: dict[str, list[Firm]] = field(default_factory=dict)
    by_domain: dict[str, list[Firm]] = field(default_factory=dict)
    by_place: dict[str, list[Firm]] = field(default_factory=dict)
    by_word: dict[str, list[Firm]] = field(default_factory=dict)

    def add(self, firm: Firm) -> None:
        name = bare_name(firm.name)
        keys = [(self.by_name, name), (self.by_number, bare_number(firm.number)), (self.by_word, name[:4])]
        keys += [(self.by_domain, one) for one in firm.domains] + [(self.by_place, one) for one in firm.postcodes]
        for index, key in keys:
            if key:
                index.setdefault(key, []).append(firm)

    def like(self, firm: Firm) -> list[Likeness]:
        """The likeliest first, at most MOST."""
        near = self._near(firm)
        found = [one for other in near if (one := _compare(firm, other)) is not None]
        found.sort(key=lambda one: (not one.is_sure, -len(one.reasons), one.firm.key < 0, abs(one.firm.key)))
        # A firm may stand here under two names: what it is most like counts.
        return list({one.firm.key: one for one in reversed(found)}.values())[::-1][:MOST]

    def _near(self, firm: Firm) -> Iterable[Firm]:
        name = bare_name(firm.name)
        groups = [self.by_number.get(bare_number(firm.number), []), self.by_name.get(name, [])]
        groups += [self.by_domain.get(one, []) for one in sorted(firm.domains)]
        groups += [self.by_place.get(one, []) for one in sorted(firm.postcodes)]
        groups.append(self.by_word.get(name[:4], []))
        return {(one.key, one.name): one for group in groups for one in group}.values()


def _compare(one: Firm, other: Firm) -> Likeness | None:
    number = bare_number(one.number)
    same_number = bool(number) and number == bare_number(other.number)
    mine, theirs = bare_name(one.name), bare_name(other.name)
    domains, places = one.domains & other.domains, one.postcodes & other.postcodes
    nearly = NEARLY_IN_PLACE if places else NEARLY
    reasons: list[tuple[str, str]] = []
    if same_number:
        reasons.append((NUMBER, other.number))
    if mine == theirs:
        reasons.append((NAME, other.name))
    elif _ratio(mine, theirs, nearly) >= nearly:
        reasons.append((NEAR, other.name))
    reasons += [(DOMAIN, domain) for domain in sorted(domains)[:1]]
    if not reasons:
        return None  # a postcode alone is a street, or a house with many firms
    reasons += [(PLACE, place.upper()) for place in sorted(places)[:1]]
    told_apart = _differ(number, bare_number(other.number)) or _differ(one.postcodes, other.postcodes)
    is_sure = same_number or (mine == theirs and (bool(domains or places) or not told_apart))
    if mine == theirs and _differ(number, bare_number(other.number)):
        is_sure = False  # two firms of one name at one address: a group and its daughter
    return Likeness(other, tuple(reasons), is_sure)


def _ratio(mine: str, theirs: str, enough: float) -> float:
    """Two names of which one begins with the other are near ("Brightwater", "Brightwater Engineering")."""
    short, long = sorted((mine, theirs), key=len)
    if len(short) >= 6 and long.startswith(f"{short} "):
        return 1.0
    matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
    if matcher.real_quick_ratio() < enough or matcher.quick_ratio() < enough:
        return 0.0
    return matcher.ratio()


def _differ(one: object, other: object) -> bool:
    """Both are known, and they are not the same."""
    if isinstance(one, frozenset) and isinstance(other, frozenset):
        return bool(one and other and not one & other)
    return bool(one and other and one != other)
