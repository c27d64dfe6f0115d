"""What the cells of a list of employers mean. Pure: codes of problems, never sentences.

A line that names nobody is left out; a cell that cannot be used costs that cell, and the line is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from hubs.sheets import plain

#: Fields a column can be, with the headings people give them, compared without case and accents.
HEADINGS = {
    "name": "name|employer|employer name|company|company name|organisation|organization|organisation name|firm|firma|"
    "firmenname|unternehmen|betrieb|arbeitgeber|entreprise|nom|raison sociale|empresa|nombre|nome|business",
    "number": "number|company number|organisation number|registration number|registered number|crn|siren|siret|nif|cif|"
    "cnpj|handelsregisternummer|hrb|registernummer",
    "size": "size|staff|employees|number of employees|headcount|grosse|mitarbeiter|mitarbeitende|effectif|taille|"
    "empleados|tamano|funcionarios|tamanho",
    "sectors": "sector|sectors|industry|industries|branche|branchen|secteur|secteurs|setor|setores|sectores",
    "website": "website|web site|web|url|homepage|webseite|internet|site web|sitio web|pagina web",
    "about": "about|description|beschreibung|descripcion|descricao|activity|activite",
    "address": "address|street|address 1|address line 1|strasse|anschrift|adresse|direccion|endereco|rue",
    "town": "town|city|ort|stadt|ville|ciudad|cidade|place",
    "postcode": "postcode|post code|postal code|zip|zip code|plz|postleitzahl|code postal|codigo postal|cep",
    "person": "contact|contact name|contact person|person|ansprechpartner|ansprechperson|kontakt|interlocuteur|"
    "contacto|contato|main contact",
    "job_title": "job title|title|role|position|funktion|fonction|cargo|puesto",
    "email": "email|e mail|mail|email address|e mail address|contact email|e mail adresse|courriel|correo|"
    "correo electronico",
    "phone": "phone|telephone|tel|phone number|telefon|mobile|telefono|telefone|contact phone",
    "note": "note|notes|comment|comments|remarks|bemerkung|bemerkungen|notiz|commentaire|nota|notas|observaciones",
}
LONGEST = {
    "name": 160, "number": 40, "about": 2_000, "address": 200, "town": 80, "postcode": 12, "person": 120,
    "job_title": 120, "email": 254, "phone": 40, "website": 200, "note": 2_000,
}  # fmt: skip
SIZES = (("sole", 0), ("micro", 9), ("small", 49), ("medium", 249), ("large", 10**9))
SIZE_WORDS = {
    "sole": "sole|sole trader|self employed|freelance|selbststandig",
    "micro": "micro|kleinst",
    "small": "small|klein|petite|pequena|sme",
    "medium": "medium|mittel|moyenne|mediana|media",
    "large": "large|gross|grande|big|corporate",
}
ADDRESS = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]{2,}")
MOST_SECTORS = 6


@dataclass(frozen=True, slots=True)
class Problem:
    """`code`: no_name, too_many_cells (the line is left out); too_long, bad_email, bad_website, bad_size,
    unknown_sector (the cell is)."""

    line: int
    code: str
    field: str = ""
    value: str = ""


@dataclass(slots=True)
class Row:
    """`values`: what the file says, by field; a cell that is empty is not there. `sectors`: codes."""

    line: int
    values: dict[str, str] = field(default_factory=dict)
    sectors: tuple[str, ...] = ()
    problems: list[Problem] = field(default_factory=list)
    is_usable: bool = True


def heading_keys(header: Sequence[str]) -> list[str]:
    """By which each heading is remembered: the second "E-mail" of a list is "e mail 2", and means its own thing."""
    seen: dict[str, int] = {}
    keys = []
    for heading in header:
        words = plain(heading)[:110]
        seen[words] = seen.get(words, 0) + 1
        keys.append(f"{words} {seen[words]}" if words and seen[words] > 1 else words)
    return keys


def guess_columns(header: Sequence[str], remembered: Mapping[str, str]) -> list[str]:
    """For each heading its field, or "": as this hub said before, else as people usually call it, each field once."""
    known = {plain(word): name for name, words in HEADINGS.items() for word in words.split("|")}
    found: list[str] = []
    for heading, key in zip(header, heading_keys(header), strict=True):
        one = remembered[key] if key in remembered else known.get(plain(heading), "")
        found.append(one if one and one not in found else "")
    return found


def read_rows(
    lines: Sequence[tuple[int, Sequence[str]]], columns: Sequence[str], sectors: Mapping[str, str]
) -> list[Row]:
    """`sectors`: what people may write of a sector, in plain words → its code."""
    return [_row(number, cells, columns, sectors) for number, cells in lines]


def _row(number: int, cells: Sequence[str], columns: Sequence[str], sectors: Mapping[str, str]) -> Row:
    row = Row(number)
    if len(cells) > len(columns):
        return _unusable(row, Problem(number, "too_many_cells", value=str(len(cells))))
    given = {name: cell for name, cell in zip(columns, cells, strict=False) if name and cell}
    for name, text in given.items():
        _take(row, name, text, sectors)
    if "name" not in row.values:
        return _unusable(row, *([] if row.problems and "name" in given else [Problem(number, "no_name")]))
    return row


def _unusable(row: Row, *more: Problem) -> Row:
    row.problems.extend(more)
    row.is_usable = False
    return row


def _take(row: Row, name: str, text: str, sectors: Mapping[str, str]) -> None:
    if name == "sectors":
        _take_sectors(row, text, sectors)
        return
    value, code = {"email": _email, "website": _website, "size": _size}.get(name, _same)(text)
    if not code and len(value) > LONGEST.get(name, 40):
        code = "too_long"
    if code:
        row.problems.append(Problem(row.line, code, name, text[:60]))
    else:
        row.values[name] = value


def _same(text: str) -> tuple[str, str]:
    return text, ""


def _email(text: str) -> tuple[str, str]:
    address = text.removeprefix("mailto:").strip().lower()
    return (address, "") if ADDRESS.fullmatch(address) else ("", "bad_email")


def _website(text: str) -> tuple[str, str]:
    address = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and "." in (parts.hostname or "") and " " not in address
    except ValueError:
        good = False
    return (address, "") if good else ("", "bad_website")


def _size(text: str) -> tuple[str, str]:
    """A number of staff, a range by its upper end, or a word."""
    words = plain(text)
    for size, known in SIZE_WORDS.items():
        if words in known.split("|"):
            return size, ""
    numbers = [int(one) for one in re.findall(r"\d+", re.sub(r"(?<=\d)[ .,'](?=\d{3}\b)", "", text))][:2]
    if not numbers or max(numbers) >= 10**9:
        return "", "bad_size"
    most = max(numbers) + (1 if text.strip().endswith("+") or text.strip().startswith(">") else 0)
    return next(size for size, limit in SIZES if most <= limit), ""


def _take_sectors(row: Row, text: str, sectors: Mapping[str, str]) -> None:
    whole = sectors.get(plain(text))
    parts = [text] if whole else [part for part in re.split(r"[;/|+,]", text) if part.strip()]
    found = []
    for part in parts[:MOST_SECTORS]:
        code = sectors.get(plain(part))
        if code:
            found.append(code)
        else:
            row.problems.append(Problem(row.line, "unknown_sector", "sectors", part.strip()[:60]))
    row.sectors = tuple(dict.fromkeys(found))
