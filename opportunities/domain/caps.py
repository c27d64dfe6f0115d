"""Limits across sessions: of a site on one day, of an employer in one month.

They bind what is taken from now on; what was taken before stays, and is nobody's fault. Kept by
`placements.domain.capacity`, with the same locks as places.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from employers.domain import put_away
from hubs.actors import Actor
from hubs.errors import CannotAct, Refused
from hubs.locks import lock_rows
from hubs.log import record
from hubs.models import HUB_STAFF, Hub
from opportunities.models import Cap
from opportunities.models.offer import LEADS


@transaction.atomic
def set_cap(hub: Hub, fields: dict, *, by: Actor, now: dt.datetime) -> Cap:
    """Make a limit of `fields`: employer, per, site (of a site's day only), most."""
    cap = Cap(hub=hub, **fields)
    _check(cap, by)
    cap.save()
    record(cap, "capped", by=by, now=now, per=cap.per, most=cap.most)
    return cap


@transaction.atomic
def change_cap(cap: Cap, fields: dict, *, by: Actor, now: dt.datetime) -> None:
    """Another number, or out of force. Whoever takes places this moment goes by the old one."""
    for name, value in fields.items():
        setattr(cap, name, value)
    _check(cap, by)
    lock_rows(Cap.objects.filter(pk=cap.pk))
    cap.save()
    record(cap, "capped" if cap.is_active else "uncapped", by=by, now=now, per=cap.per, most=cap.most)


def _check(cap: Cap, by: Actor) -> None:
    if not by.may(cap, LEADS | HUB_STAFF):
        raise CannotAct(_("Only a lead of the employer or the hub limits what it takes."))
    if cap.is_active and cap.employer.merged_into is not None:
        raise Refused(put_away(cap.employer), code="put_away")
    if cap.is_active and not cap.employer.is_active:
        sentence = _("“%(name)s” is not active, so it takes nobody. Make it active first, or choose another employer.")
        raise Refused(sentence % {"name": cap.employer}, code="put_away")
    if cap.per == Cap.Per.SITE_DAY and (cap.site is None or cap.site.employer_id != cap.employer_id):
        raise Refused(_("Choose one of the employer's own sites."))
    if cap.per == Cap.Per.EMPLOYER_MONTH and cap.site is not None:
        raise Refused(_("A limit of a month is the whole employer's. Leave the site empty."))
