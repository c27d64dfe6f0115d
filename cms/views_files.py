"""Files of the public site: documents of the hub's own collection, and pictures made for the web."""

from __future__ import annotations

import mimetypes
from pathlib import PurePosixPath

from django.core.exceptions import SuspiciousOperation
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe
from wagtail.documents import get_document_model
from wagtail.documents.views.serve import serve

ONE_YEAR = 31536000
PICTURES = frozenset({".avif", ".gif", ".jpeg", ".jpg", ".png", ".webp"})


@require_safe
def document(request, document_id: str, document_filename: str):
    """A document of this hub's collection or one below it; another hub's is a 404."""
    collection = request.hub.collection if request.hub else None
    if collection is None:
        raise Http404
    own = get_document_model().objects.filter(collection__path__startswith=collection.path)
    get_object_or_404(own, pk=document_id)
    return serve(request, document_id, document_filename)


@require_safe
def media(request, name: str):
    """A picture as rendered for pages (`images/`). Originals and everything else are a 404.

    Pictures are public: their names carry the filter they were made with, and a changed
    picture gets a new name, so a browser may keep them.
    """
    path = PurePosixPath(name)
    if len(path.parts) != 2 or path.parts[0] != "images" or path.suffix.lower() not in PICTURES:
        raise Http404
    try:
        file = default_storage.open(name)
    except (OSError, SuspiciousOperation) as missing:
        raise Http404 from missing
    response = FileResponse(file, content_type=mimetypes.guess_type(name)[0] or "application/octet-stream")
    response["Cache-Control"] = f"public, max-age={ONE_YEAR}, immutable"
    return response
