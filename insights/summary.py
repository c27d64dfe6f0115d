"""A result on one page, as PDF, made by Typst from a template and data it cannot run."""

from __future__ import annotations

import json
from pathlib import Path

import typst
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from employers.models import SelfAssessment
from hubs.languages import read_language
from insights.standards import Line, picture

TEMPLATE = Path(__file__).parent / "typst" / "summary.typ"


def summary_pdf(row: SelfAssessment) -> bytes:
    """In the reader's language. Words reach the template as data alone: nothing in them is markup."""
    shown = picture(row, read_language())
    day = row.hub.today(row.submitted_at) if row.submitted_at else None
    facts = {
        "language": shown["framework"].language[:2],
        "title": str(shown["framework"]),
        "employer": row.employer.name,
        "hub": row.hub.name,
        "sent": _("Sent on %(day)s") % {"day": date_format(day, "j F Y")} if day else "",
        "state": str(row.get_state_display()),
        "pillars": [_data(line) for line, _standards in shown["pillars"]],
        "standards": [_data(line) for _pillar, standards in shown["pillars"] for line in standards],
        "marks": [least for _name, least in shown["bands"][1:]],
        "bands": " · ".join(
            _("%(band)s: from %(least)s %%") % {"band": name, "least": least} for name, least in shown["bands"]
        ),
        "standards_title": _("The standards"),
        "steps_title": _("Next steps"),
        "steps": [{"title": one["step"].title, "text": one["step"].text} for one in shown["steps"]],
        "means": _("This is the employer's own answer, looked at by the hub where it says so. It ranks nobody and "
                   "certifies nothing by law."),
        "proof": _("Fingerprint"),
        "fingerprint": row.fingerprint,
    }  # fmt: skip
    return typst.compile(str(TEMPLATE), root=str(TEMPLATE.parent), sys_inputs={"facts": json.dumps(facts)})


def _data(line: Line) -> dict:
    said = line.why if line.percent is None else f"{line.percent} % · {line.band}"
    return {"name": line.name, "percent": line.percent or 0, "said": said}
