"""Keeping the tokens of links and calendars out of the server's own log."""

from __future__ import annotations

import logging
import re

#: Addresses whose last part opens something: signed links, invitations, calendars, resets.
SECRET_PATHS = re.compile(r"(/(?:l/[a-z-]+|i|u|feeds|accounts/password/reset/key|accounts/confirm-email)/)[^/\s?\"]+")


def discreet(text: str) -> str:
    return SECRET_PATHS.sub(r"\1…", text)


class HideTokens(logging.Filter):
    """A filter of what is written anywhere: any logger may name an address. The request itself is left out, which a
    formatter that writes every attribute would spell out."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.__dict__.pop("request", None)
        if isinstance(record.args, tuple):
            record.args = tuple(discreet(arg) if isinstance(arg, str) else arg for arg in record.args)
        record.msg = discreet(record.msg) if isinstance(record.msg, str) else record.msg
        return True
