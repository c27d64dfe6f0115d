"""Whoever words a message of their own begins with what is said today: of every kind, and with nothing in it that
was made up."""

from __future__ import annotations

from hubs.models import SignedLink
from hubs.outbox import KINDS
from hubs.shipped import MEANINGS, may_be_worded, shipped
from hubs.wordings import filled, names_of, wrong_with
from tests.scenes import NOW

#: Tried out, and not sent to anybody else.
NOT_WORDED = {"wording-test"}
#: What stands in invented rows, and may stand in a wording only as a name in braces.
INVENTED = (
    "See how it is made", "Brightwater", "Quayside", "Risk assessment", "liability", "The host sends", "A class that",
    "Spring round", "Sam Reed", "Saffron", "Agree a date", "look forward", "being painted", "+44",
)  # fmt: skip


def kinds() -> list[str]:
    own = [name for name in KINDS if not name.startswith("test-") and "email" in KINDS[name].channels]
    return sorted(set(own) - NOT_WORDED - {"bench"})


def test_every_kind_that_goes_by_mail_may_be_worded():
    assert sorted(name for name, _words in may_be_worded()) == kinds()


def made_up_in(name: str, cast) -> list[str]:
    """What stands in the shipped words of a kind that a hub could not leave as it is."""
    found = shipped(name, "en-gb", cast.hub, "Amina Lead", NOW)
    if found is None or not (found.subject and found.body):
        return ["no words"]
    words = "\n".join((found.subject, found.body, found.button, found.text_line))
    wrong = [one for one in INVENTED if one in words]
    wrong += filter(None, (wrong_with(found.body, name), wrong_with(found.subject, name, short=True)))
    wrong += [f"{name} says nothing" for name, meaning, becomes in found.names if not (meaning and becomes)]
    return wrong if set(names_of(name)) <= set(MEANINGS) else [*wrong, "a name without a meaning"]


def test_shipped_words_of_no_kind_name_what_was_made_up(cast):
    assert {name: wrong for name in kinds() if (wrong := made_up_in(name, cast))} == {}
    assert not SignedLink.objects.exists()  # the links in those mails are nobody's


def test_names_put_back_say_what_the_mail_said(cast):
    found = shipped("placement-offered", "en-gb", cast.hub, "Amina Lead", NOW)
    assert found.subject == "Can you take {count} from {school} on {day}?"
    assert filled(found.subject, found.values) == "Can you take 6 from Quayside School on Tue 6 October?"
    assert "{reason}" in found.body.split("\n\n")
    assert {name: becomes for name, _meaning, becomes in found.names}["{title}"] == "See how it is made"
