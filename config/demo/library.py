"""What the employers of the demo offer."""

from __future__ import annotations

from typing import NamedTuple


class Plan(NamedTuple):
    """`days`: school days from today of each session, negative before today; for the types that
    last a week, weeks. `end` is the state the story comes to. `places` 0: as usual for the type."""

    firm: str
    kind: str
    title: str
    summary: str
    days: tuple[int, ...]
    places: int = 0
    end: str = "published"

    @property
    def key(self) -> str:
        return f"{self.firm}/{self.kind}"


#: Type: (from, until, days, days between them, places, where).
SHAPES = {
    "talk": ("10:00", "11:00", 1, 0, 60, "school"),
    "fair": ("13:00", "15:00", 1, 0, 180, "school"),
    "carousel": ("11:10", "12:10", 1, 0, 90, "school"),
    "qa-online": ("13:30", "14:15", 1, 0, 90, "online"),
    "interview-pro": ("14:30", "15:00", 1, 0, 8, "online"),
    "visit": ("09:45", "11:45", 1, 0, 15, "site"),
    "insight-day": ("09:30", "14:30", 1, 0, 12, "site"),
    "shadow": ("09:00", "15:00", 1, 0, 2, "site"),
    "taster-day": ("09:00", "15:00", 1, 0, 4, "site"),
    "curric-talk": ("09:55", "10:55", 1, 0, 32, "school"),
    "project-brief": ("10:00", "14:30", 1, 0, 32, "school"),
    "challenge-day": ("09:15", "14:45", 1, 0, 120, "school"),
    "mock-int": ("09:15", "12:15", 1, 0, 30, "school"),
    "cv-ws": ("13:15", "14:45", 1, 0, 30, "school"),
    "mentor-group": ("14:00", "15:00", 6, 5, 8, "school"),
    "vwex": ("09:30", "14:30", 2, 1, 60, "online"),
    "wex-split": ("09:00", "15:00", 3, 5, 4, "site"),
    "wex-block": ("09:00", "15:00", 5, 1, 3, "site"),
    "app-taster": ("10:00", "14:00", 1, 0, 24, "site"),
    "provider-enc": ("11:10", "12:10", 1, 0, 60, "school"),
}
WEEKS = frozenset({"wex-block"})

HARBOUR = (
    Plan("brightwater", "insight-day", "From drawing to finished part",
         "Read a real drawing, measure three parts and see one being made.", (-21, 6, 22, 41), 12),
    Plan("brightwater", "curric-talk", "Why winches do not slip: a maths lesson",
         "Friction, pulleys and one very heavy anchor, in a lesson of yours.", (-30, -9, 19, 33)),
    Plan("brightwater", "wex-block", "A week on the test bench",
         "Five days, five tasks, one written report by the supervisor.", (-1, 5, 8), 3),
    Plan("brightwater", "project-brief", "Design a safer handrail",
         "Teams sketch, cost and present a handrail that survives salt water.", (-16, 25), 32),
    Plan("saffron", "visit", "Bread before breakfast", "See the ovens, shape a loaf, cost a bun.", (-14, 3, 20, 35), 12),
    Plan("saffron", "taster-day", "A day as a baker", "One day beside the head baker, apron provided.", (-24, 23, 38), 3),
    Plan("tidewater", "shadow", "A day with a shipwright", "Follow one boat through one day.", (-18, 24, 43), 2),
    Plan("tidewater", "visit", "How a boat is launched", "Tide tables, slings and a splash.", (-35, 21), 12),
    Plan("marram", "challenge-day", "Power the harbour", "Six teams plan a wind farm that gulls can live with.",
         (-26, 28), 120),
    Plan("marram", "qa-online", "Ask a turbine technician", "Live from 80 metres up, weather permitting.", (-12, 5, 18), 120),
    Plan("marram", "app-taster", "Apprentice for a day", "Climb a training tower, wire a circuit, meet last year's apprentices.",
         (-8, 26), 24),
    Plan("beacon", "talk", "Who works in a surgery?", "Nurse, receptionist, pharmacist: guess who does what.", (-28, 9, 27)),
    Plan("kettle-hospital", "insight-day", "Behind the ward doors",
         "Laboratory, therapy and kitchen: three roles and one task.", (-19, 4, 24, 44), 12),
    Plan("kettle-hospital", "wex-split", "Three Thursdays in the hospital",
         "Three days in three departments, one week apart.", (-32, 30), 4),
    Plan("plumb", "taster-day", "Plan a wall, build a wall", "String, level and a very small wall.", (21, 40), 4),
    Plan("norbeck", "visit", "A house in twelve trades", "Walk one building site with four people who work on it.",
         (-11, 8, 29), 15),
    Plan("norbeck", "mock-int", "Practice interviews with Norbeck", "A quarter of an hour each, two sentences of feedback.",
         (-22, 20), 24),
    Plan("lanternlight", "project-brief", "Pitch a game in a day", "An idea, a paper prototype, a kind jury.", (-13, 27), 32),
    Plan("lanternlight", "interview-pro", "Ask a game designer", "Half an hour online with somebody who draws monsters.",
         (10, 31), 8),
    Plan("pixelwright", "insight-day", "A website before lunch",
         "Take a real question, sketch the screen that answers it, test it on each other.", (-6, 23, 46), 8),
    Plan("harbour-authority", "visit", "Behind the harbour lights", "The control room, the pilot boat and a chart.",
         (-20, 11, 32), 14),
    Plan("harbour-authority", "shadow", "A day in vessel traffic", "Listen in, log ships, learn the alphabet again.", (25, 48), 2),
    Plan("council", "carousel", "Sixty jobs in a town hall", "Eight people, eight tables, five minutes each.", (-15, 19, 36), 96),
    Plan("council", "wex-block", "A week at the town hall", "Planning, parks, housing, press and the council chamber.",
         (4, 7), 3),
    Plan("fire", "talk", "Prevention comes first", "What a firefighter does on the 360 quiet days.", (-7, 14, 30), 90),
    Plan("millrace", "visit", "Milk in, cheese out", "Hairnets on: a tour with two tastings and one pH test.", (-10, 7, 26), 15),
    Plan("millrace", "curric-talk", "Bacteria we like", "A science lesson with a cheesemaker.", (-4, 22)),
    Plan("hillfoot", "taster-day", "A day at the vet's", "Front desk, prep room and one farm call.", (-17, 28, 42), 2),
    Plan("silverline", "visit", "Under a coach", "The workshop pit, the timetable desk and the wash.", (20, 37), 15),
    Plan("ropewalk", "insight-day", "A show in a day", "Light it, dress it, sell it.", (-25, 21), 12),
    Plan("ropewalk", "wex-split", "Three days backstage", "Get-in, show day, get-out.", (26,), 3),
    Plan("tallow", "cv-ws", "Write it so that it is read", "Bring one page; leave with a better one.", (-5, 18, 34), 30),
    Plan("seawall", "project-brief", "Hold back the sea", "Model a wall in a tray, then the wave comes.", (-23, 29), 30),
    Plan("seawall", "mentor-group", "Engineers' hour", "Six afternoons with two young engineers.", (-6, 19), 8),
    Plan("orchard-care", "visit", "Long stories", "Plan an hour of activity with residents, then hold it.", (-3, 25), 10),
    Plan("fernhill", "insight-day", "A morning in the wood", "Measure a tree, plan a thinning, light a stove.", (-27, 27), 12),
    Plan("quay-radio", "visit", "On air at noon", "Read one headline live.", (-2, 24, 39), 8),
    Plan("ledger", "vwex", "Two days in a building society, online", "A real brief, four short calls, one presentation.",
         (20, 45), 60),
    Plan("ledger", "mock-int", "Practice interviews with Ledger", "Suits optional, questions real.", (-1, 23), 30),
    Plan("northlight", "visit", "What is in the water?", "Sample, filter, count.", (22, 40), 12),
    Plan("tern", "talk", "How a parcel finds you", "A map, a scanner and a race.", (12, 33)),
    Plan("weaver", "curric-talk", "Sun into sums", "A physics lesson on a roof, without the roof.", (21, 38)),
    # Waiting for the hub, sent back, not finished, or out of sight.
    Plan("hillfoot", "visit", "Meet the patients", "A short tour for animal people.", (26, 41), 10, "submitted"),
    Plan("silverline", "talk", "Routes to work", "Drivers, planners and mechanics tell how they came to it.", (24,), 60,
         "submitted"),
    Plan("beacon", "insight-day", "A day in primary care", "Desk, nurse's room and pharmacy, with a task at each.", (31,), 6,
         "submitted"),
    Plan("quay-radio", "taster-day", "Make a two-minute programme", "Record, cut, broadcast.", (29,), 2, "returned"),
    Plan("tallow", "talk", "Numbers with people in them", "What an accountant does all day.", (32,), 60, "draft"),
    Plan("brightwater", "mock-int", "Practice interviews at Brightwater", "Bring a drawing you are proud of.", (36,), 20,
         "draft"),
    Plan("orchard-care", "shadow", "A day with an activity lead", "Bingo is the least of it.", (33,), 1, "paused"),
    Plan("gannet", "visit", "Ink on paper", "From file to folded leaflet.", (27,), 10, "paused"),
    Plan("moorgate", "taster-day", "Inside an electric van", "High voltage, low risk, lots of learning.", (25,), 2, "withdrawn"),
    Plan("stitch", "visit", "Sails and rucksacks", "Cut, sew, rip, sew again.", (23,), 6, "withdrawn"),
    # Some schools are asked first.
    Plan("tidewater", "insight-day", "A plank, a frame and a tide table",
         "Steam a plank, plan a launch, and hear how four people came to boats.", (26, 44), 10),
)  # fmt: skip

FELLS = (
    Plan("joinery", "visit", "A staircase from scratch", "Measure, draw, cut one tread.", (-9, 6, 24), 10),
    Plan("lodge", "insight-day", "A hotel before noon", "Three roles, one breakfast.", (21,), 8),
    Plan("rescue", "talk", "Weather, rope and judgement", "How an outdoor centre keeps people safe.", (23,), 60),
    Plan("wool", "visit", "From fleece to felt", "Wash, card, felt, laugh.", (27,), 8, "submitted"),
)  # fmt: skip
