"""Lists of employers as hubs have them: rows to files of every kind."""

from __future__ import annotations

import csv
import io
import zipfile

from openpyxl import Workbook

HEADER = ("Company", "Company number", "Staff", "Sector", "Website", "Street", "Town", "Postcode", "Contact", "E-mail")
MILL = ("Old Mill Bakery Ltd", "0123", "12", "", "oldmill.example", "1 Mill Lane", "Leeds", "LS1 1AA", "Ann Oak",
        "ann@oldmill.example")  # fmt: skip
FORGE = ("North Forge", "", "300", "", "", "", "Hull", "HU1 2BB", "Bo Ash", "bo@forge.example")


def text(*rows, header=HEADER, mark: str = ",", coding: str = "utf-8") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=mark).writerows([header, *rows])
    return out.getvalue().encode(coding)


def workbook(*rows, header=HEADER, title: str = "", more: str = "") -> bytes:
    book = Workbook()
    if title:
        book.active.append([title])
    for row in (header, *rows):
        book.active.append(list(row))
    if more:
        book.create_sheet(more).append(["x", "y"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bomb() -> bytes:
    """A workbook whose sheet unpacks to 200 MB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(200):
                sheet.write(b" " * 1024 * 1024)
    return out.getvalue()
