"""What was done, in words: the one table of every verb in the log.

A verb is a past participle in snake case; a move is logged under the state it led to. Words
read on after a name: "Quayside School: asked for places". Where one verb means something of
its own for a kind of row, "app.model.verb" says so.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

VERBS = {
    # Of any record.
    "added": _("added it"),
    "changed": _("changed it"),
    "removed": _("removed it"),
    "set": _("set it"),
    "created": _("created it"),
    "noted": _("wrote a note"),
    # People and their accounts.
    "invited": _("invited somebody"),
    "invited_again": _("sent the invitation again"),
    "hubs.invitation.accepted": _("accepted the invitation"),
    "revoked": _("withdrew the invitation"),
    "enrolled": _("gave a role"),
    "role_changed": _("changed a role"),
    "account_changed": _("changed their own account"),
    "password_changed": _("changed their password"),
    "email_confirmed": _("confirmed an e-mail address"),
    "email_changed": _("changed their e-mail address"),
    "email_removed": _("removed an e-mail address"),
    "second_factor_added": _("set up a second factor"),
    "second_factor_removed": _("removed a second factor"),
    "recovery_codes_made": _("made new recovery codes"),
    "token_made": _("made an API token"),
    "token_revoked": _("revoked an API token"),
    "site_opened": _("opened the site"),
    # Messages.
    "due": _("queued it"),
    "leased": _("began to send it"),
    "sent": _("sent it"),
    "failed": _("could not send it"),
    "expired": _("came too late to send it"),
    "complained": _("the receiver complained of it"),
    "settled": _("settled it"),
    # Papers and self-assessments.
    "employers.document.held": _("accepted the document"),
    "open": _("opened it again"),
    "reviewed": _("reviewed it"),
    "final": _("made it final"),
    "closed": _("closed it"),
    # Calendars, timetables and groups.
    "imported": _("imported a file"),
    "undone": _("undid an import"),
    "calendar_confirmed": _("confirmed the calendar"),
    "events_reclassified": _("said what events mean"),
    "running": _("it runs"),
    "waiting": _("put it in the queue"),
    "students_added": _("added students"),
    "left": _("said that a student left"),
    "came_back": _("said that a student came back"),
    "size_set": _("set the size of the group"),
    "taken_up": _("took the group up again"),
    "put_aside": _("put the group aside"),
    # Plans and what is offered.
    "loaded": _("loaded it from the library"),
    "drafted": _("drafted it"),
    "draft": _("made it a draft again"),
    "submitted": _("sent it to the hub"),
    "published": _("published it"),
    "retired": _("retired it"),
    "paused": _("paused it"),
    "confirmed": _("confirmed that it still holds"),
    "places_changed": _("changed the number of places"),
    "over": _("it is over"),
    "adopted": _("adopted the plan"),
    "active": _("took the plan up again"),
    "abandoned": _("gave the plan up"),
    "opportunities.actionplan.completed": _("completed the plan"),
    "moved": _("moved the step"),
    "assigned": _("gave the step to somebody"),
    "done": _("done"),
    "skipped": _("skipped the step"),
    "planned": _("planned the step again"),
    # Requests and placements.
    "begun": _("began a request"),
    "requested": _("asked for places"),
    "placements.placementrequest.submitted": _("sent the request to the hub"),
    "placements.placementrequest.refused": _("found no places"),
    "placements.placementrequest.withdrawn": _("took the request back"),
    "placements.placement.withdrawn": _("took the request back"),
    "placed": _("the request was granted"),
    "held": _("held places"),
    "offered": _("asked the employer"),
    "accepted": _("agreed"),
    "agreed": _("agreed"),
    "declined": _("said no"),
    "refused": _("refused it"),
    "withdrawn": _("withdrew it"),
    "released": _("gave the places back"),
    "cancelled": _("called it off"),
    "ready": _("everything is done that must be done before the start"),
    "under_way": _("it began"),
    "completed": _("closed the register"),
    "not_attended": _("closed the register: nobody came"),
    "students_named": _("named the students"),
    "marked": _("marked who was there"),
    "handed_over": _("passed the request to a colleague"),
    "supervisor_named": _("said who looks after the students"),
    "feedback_given": _("said how it went"),
    "waived": _("waived the requirement"),
    "parent_asked": _("asked a parent or carer"),
    "consent_refused": _("did not agree"),
    "reminded": _("sent a reminder"),
    "computed": _("computed the allocation"),
    "discarded": _("discarded the allocation"),
    "feed_made": _("made a calendar address"),
    "feed_revoked": _("revoked a calendar address"),
}


def words(verb: str, subject_type: str) -> str:
    """What was done, for people; the verb itself when the table no longer knows it."""
    return str(VERBS.get(f"{subject_type}.{verb}") or VERBS.get(verb) or verb.replace("_", " "))
