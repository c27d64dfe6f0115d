"""Where the demo plays: invented places on a real stretch of map, and the schools in them."""

from __future__ import annotations

from dataclasses import dataclass

#: Name: (postcode district, latitude, longitude). The districts exist nowhere.
TOWNS = {
    "Kettlehaven": ("KH1", 54.4800, -0.6250),
    "Kettlehaven Docks": ("KH2", 54.4835, -0.6120),
    "Saltersgate": ("KH3", 54.4700, -0.6480),
    "Brackenby": ("KH4", 54.4480, -0.6700),
    "Stonewick": ("KH5", 54.4560, -0.5750),
    "Hollowdale": ("KH6", 54.4210, -0.6320),
    "Upper Fern": ("KH7", 54.4330, -0.7380),
    "Millbeck": ("KH8", 54.4650, -0.7150),
    "Tarnside": ("FE1", 54.3700, -2.9100),
    "Fellgarth": ("FE2", 54.4000, -2.8600),
}


@dataclass(frozen=True)
class SchoolPlan:
    """`forms`: year → letters of its classes. `calendar`: "county", "trust", "old" or "" (none)."""

    key: str
    name: str
    phase: str
    town: str
    forms: dict[int, str]
    size: int = 26
    calendar: str = "county"
    weeks: int = 1
    timetable: bool = True
    priority: bool = False
    rule: str = "usual"


HARBOUR = (
    SchoolPlan("quayside", "Quayside School", "through", "Kettlehaven",
               {8: "ABC", 9: "ABC", 10: "ABCD", 11: "ABC", 12: "AB", 13: "A"}, 24, "county", 2, rule="careful"),
    SchoolPlan("high", "Kettlehaven High School", "secondary", "Saltersgate",
               {9: "RST", 10: "RST", 11: "RS"}, 28, "trust", 2, priority=True),
    SchoolPlan("brackenby", "Brackenby Academy", "through", "Brackenby",
               {9: "AB", 10: "ABC", 11: "AB", 12: "A"}, 25, "trust"),
    SchoolPlan("technical", "Harbour Technical College", "technical", "Kettlehaven Docks",
               {10: "EM", 11: "EM", 12: "EM", 13: "E"}, 20, "county", rule="open"),
    SchoolPlan("fernside", "Fernside School", "special", "Upper Fern",
               {9: "K", 10: "K", 11: "K", 12: "K"}, 8, "county", rule="open"),
    SchoolPlan("lantern", "The Lantern Centre", "alternative", "Kettlehaven",
               {10: "L", 11: "L"}, 6, "county", priority=True, rule="open"),
    SchoolPlan("sixth", "Kettlehaven Sixth Form College", "college", "Kettlehaven",
               {12: "ABCD", 13: "ABC"}, 22, "trust", rule="wednesday"),
    SchoolPlan("stonewick", "Stonewick Community School", "secondary", "Stonewick",
               {8: "AB", 9: "AB", 10: "AB", 11: "AB"}, 27, "county"),
    SchoolPlan("hollowdale", "Hollowdale School", "secondary", "Hollowdale",
               {9: "NS", 10: "NS", 11: "NS"}, 22, "trust", timetable=False),
    SchoolPlan("aldwin", "St Aldwin's School", "through", "Saltersgate",
               {9: "AB", 10: "AB", 11: "AB", 12: "A"}, 26, "county", 2),
    SchoolPlan("fern", "Upper Fern Free School", "secondary", "Upper Fern", {9: "A", 10: "A"}, 20, "old"),
    SchoolPlan("millbeck", "Millbeck School", "secondary", "Millbeck", {}, calendar="", timetable=False),
)  # fmt: skip

FELLS = (
    SchoolPlan("tarn", "Tarnside Academy", "through", "Tarnside", {9: "AB", 10: "AB", 12: "A"}, 24, "trust"),
    SchoolPlan("fellgarth", "Fellgarth School", "secondary", "Fellgarth", {10: "AB"}, 20, "trust", timetable=False),
)
