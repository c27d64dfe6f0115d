"""Who asks for what, and how far it comes."""

from __future__ import annotations

from typing import NamedTuple


class Ask(NamedTuple):
    """`end` is where the story stands now. `schools` are tried in order; `places` 0: a whole group."""

    end: str
    offer: str
    start: int
    schools: str
    places: int = 0


HARBOUR = (
    # Over, with everything known of it.
    Ask("completed", "brightwater/insight-day", -21, "quayside high", 10),
    Ask("completed", "brightwater/curric-talk", -30, "quayside aldwin"),
    Ask("completed", "kettle-hospital/insight-day", -19, "brackenby quayside", 12),
    Ask("completed", "tidewater/visit", -35, "stonewick quayside", 12),
    Ask("completed", "saffron/visit", -14, "fernside hollowdale", 8),
    Ask("completed", "marram/challenge-day", -26, "quayside"),
    Ask("completed", "marram/challenge-day", -26, "high stonewick"),
    Ask("completed", "fernhill/insight-day", -27, "lantern fernside", 5),
    Ask("completed", "council/carousel", -15, "aldwin high"),
    Ask("completed", "kettle-hospital/wex-split", -32, "technical sixth", 3),
    Ask("completed", "seawall/project-brief", -23, "technical brackenby"),
    Ask("completed", "beacon/talk", -28, "stonewick hollowdale"),
    Ask("completed", "fire/talk", -7, "quayside high"),
    Ask("completed", "fire/talk", -7, "quayside aldwin"),
    Ask("completed", "council/carousel", -15, "quayside"),
    Ask("completed", "beacon/talk", -28, "quayside high"),
    Ask("incomplete", "marram/qa-online", -12, "quayside sixth"),
    Ask("incomplete", "fire/talk", -7, "stonewick hollowdale"),
    # Over, but something is missing: reflection, or the employer's word.
    Ask("incomplete", "harbour-authority/visit", -20, "high quayside", 12),
    Ask("incomplete", "ropewalk/insight-day", -25, "brackenby aldwin", 10),
    Ask("incomplete", "norbeck/mock-int", -22, "sixth technical"),
    Ask("incomplete", "norbeck/visit", -11, "quayside technical", 12),
    Ask("incomplete", "lanternlight/project-brief", -13, "hollowdale high"),
    Ask("incomplete", "marram/qa-online", -12, "brackenby high"),
    Ask("incomplete", "brightwater/curric-talk", -9, "high technical"),
    Ask("incomplete", "saffron/taster-day", -24, "lantern aldwin", 2),
    Ask("not_attended", "tidewater/shadow", -18, "hollowdale sixth", 1),
    Ask("not_attended", "hillfoot/taster-day", -17, "lantern stonewick", 1),
    # Going on, or over without a closed register.
    Ask("under_way", "seawall/mentor-group", -6, "technical quayside", 8),
    Ask("to_close", "orchard-care/visit", -3, "quayside stonewick", 10),
    Ask("to_close", "quay-radio/visit", -2, "high aldwin", 8),
    Ask("to_close", "millrace/curric-talk", -4, "quayside stonewick"),
    Ask("to_close", "tallow/cv-ws", -5, "sixth brackenby"),
    Ask("to_close", "brightwater/wex-block", -1, "quayside technical", 2),
    # Soon, and everything in place.
    Ask("ready", "saffron/visit", 3, "quayside brackenby", 10),
    Ask("ready", "kettle-hospital/insight-day", 4, "stonewick high", 10),
    Ask("ready", "millrace/visit", 7, "high hollowdale", 12),
    Ask("ready", "beacon/talk", 9, "quayside aldwin"),
    Ask("ready", "fire/talk", 14, "brackenby quayside"),
    Ask("ready", "marram/qa-online", 5, "technical sixth"),
    # Soon, and something is late.
    Ask("late", "brightwater/insight-day", 6, "quayside high", 10),
    Ask("late", "norbeck/visit", 8, "stonewick aldwin", 12),
    Ask("late", "harbour-authority/visit", 11, "quayside hollowdale", 12),
    Ask("late", "millrace/visit", 7, "fernside lantern", 3),
    # Accepted a while ahead.
    Ask("accepted", "brightwater/insight-day", 22, "quayside technical", 6),
    Ask("accepted", "saffron/visit", 20, "lantern quayside", 6),
    Ask("accepted", "kettle-hospital/insight-day", 24, "sixth brackenby", 8),
    Ask("accepted", "marram/challenge-day", 28, "high aldwin"),
    Ask("accepted", "council/carousel", 19, "quayside hollowdale"),
    Ask("accepted", "council/wex-block", 7, "quayside brackenby", 2),
    # Waiting for the employer; the last ones for too long.
    Ask("offered", "brightwater/curric-talk", 19, "quayside aldwin"),
    Ask("offered", "brightwater/insight-day", 41, "brackenby high", 8),
    Ask("offered", "saffron/visit", 35, "high stonewick", 10),
    Ask("offered", "tidewater/visit", 21, "hollowdale quayside", 10),
    Ask("offered", "fire/talk", 30, "sixth technical"),
    Ask("overdue", "lanternlight/project-brief", 27, "quayside technical"),
    Ask("overdue", "ropewalk/insight-day", 21, "aldwin high", 10),
    # Held.
    Ask("held", "pixelwright/insight-day", 23, "quayside technical", 6),
    Ask("held", "norbeck/visit", 29, "brackenby high", 12),
    Ask("held", "fernhill/insight-day", 27, "fernside lantern", 6),
    Ask("expiring", "harbour-authority/visit", 32, "stonewick hollowdale", 10),
    Ask("expiring", "seawall/project-brief", 29, "high brackenby"),
    # With the hub.
    Ask("submitted", "marram/app-taster", 26, "technical quayside", 12),
    Ask("submitted", "millrace/visit", 26, "quayside aldwin", 10),
    Ask("submitted", "orchard-care/visit", 25, "aldwin stonewick", 8),
    Ask("submitted", "kettle-hospital/wex-split", 30, "sixth quayside", 3),
    Ask("submitted", "brightwater/wex-block", 8, "technical high", 2),
    Ask("submitted", "beacon/talk", 27, "hollowdale brackenby"),
    Ask("submitted", "quay-radio/visit", 24, "lantern fernside", 4),
    Ask("draft", "northlight/visit", 22, "quayside brackenby", 10),
    Ask("draft", "weaver/curric-talk", 21, "stonewick high"),
    # Came to nothing.
    Ask("declined", "silverline/visit", 20, "high quayside", 10),
    Ask("declined", "plumb/taster-day", 21, "technical lantern", 2),
    Ask("cancelled", "tallow/cv-ws", 18, "quayside sixth"),
    Ask("cancelled", "seawall/mentor-group", 19, "brackenby high", 6),
    Ask("withdrawn", "hillfoot/taster-day", 28, "stonewick brackenby", 2),
    Ask("withdrawn", "lanternlight/interview-pro", 31, "quayside high", 4),
    Ask("released", "council/carousel", 36, "stonewick aldwin"),
    Ask("released", "norbeck/mock-int", 20, "technical sixth"),
    Ask("refused", "harbour-authority/shadow", 25, "high quayside", 2),
    Ask("refused", "tidewater/shadow", 24, "hollowdale aldwin", 2),
)

FELLS = (
    Ask("completed", "joinery/visit", -9, "tarn", 8),
    Ask("late", "joinery/visit", 6, "tarn", 8),
    Ask("offered", "lodge/insight-day", 21, "tarn", 6),
    Ask("submitted", "rescue/talk", 23, "fellgarth tarn"),
)
