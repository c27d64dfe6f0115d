"""An agreement as a file to read: names only for those who may know them."""

from __future__ import annotations

from django.http import HttpResponse

from hubs.edges import no_store
from placements.agreement_text import pdf
from placements.models import Agreement


def as_file(agreement: Agreement, *, named: bool) -> HttpResponse:
    """The paper as it stands, with its signatures and what changed since the version before, as PDF."""
    previous = agreement.placement.agreements.filter(
        student_id=agreement.student_id, version=agreement.version - 1
    ).first()
    rows = agreement.placement.students.select_related("student") if named else []
    names = {row.student.alias: row.student.name for row in rows}
    lines = agreement.signatures.order_by("pk")
    body = pdf(agreement, lines, names=names, previous=previous)
    response = HttpResponse(body, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="agreement-{agreement.pk}-v{agreement.version}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    return no_store(response)
