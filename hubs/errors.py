"""What the domain says when it will not: every sentence is for the person who asked."""

from __future__ import annotations


class Refused(Exception):
    """Base of every refusal. `sentence` is translated text; `code` is for clients and tests."""

    code = "refused"
    status = 409

    def __init__(self, sentence: str, *, code: str | None = None, **facts) -> None:
        super().__init__(str(sentence))
        self.sentence = str(sentence)
        self.code = code or self.code
        self.facts = facts


class CannotMove(Refused):
    """The row is no longer, or never was, in a state from which this move starts."""

    code = "cannot_move"


class CannotAct(Refused):
    """The person sees the row but has not the role for this act (edges answer 403)."""

    code = "not_yours"
    status = 403


class CannotBegin(Refused):
    """A guard said no: something has to be done first."""

    code = "not_ready"
