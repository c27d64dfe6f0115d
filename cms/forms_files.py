"""Files and pictures of the public site: looked at by their content before they are kept, as every paper is."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

from employers.files import MOST_BYTES, CannotScan, passed, why
from hubs.errors import Refused


def _examine(upload: UploadedFile) -> None:
    """Raises ValidationError unless it is a PDF, JPEG or PNG of at most 5 MB that is what it says."""
    if upload.size is None or upload.size > MOST_BYTES:
        raise forms.ValidationError(_("The file is larger than 5 MB. Make it smaller."))
    upload.seek(0)
    try:
        passed(upload.read())
    except CannotScan as error:
        raise forms.ValidationError(why("unscanned")) from error
    except Refused as refusal:
        raise forms.ValidationError(refusal.sentence) from refusal
    upload.seek(0)


class FileForm(BaseDocumentForm):
    def clean_file(self):
        upload = self.cleaned_data.get("file")
        if upload and "file" in self.changed_data:
            _examine(upload)
        return upload

    def _post_clean(self) -> None:
        # The model asks for the ending of a file that was refused and is not there: a second, wrong sentence.
        if not self.has_error("file"):
            super()._post_clean()


class PictureField(WagtailImageField):
    def to_python(self, data):
        """Examined before any library opens it to see its size: a picture of too many points ends in an error there."""
        if data:
            _examine(data)
        return super().to_python(data)


class PictureForm(BaseImageForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if plain := self.fields.get("file"):
            self.fields["file"] = PictureField(label=plain.label, required=plain.required, widget=plain.widget)
