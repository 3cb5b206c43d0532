"""2025-Q3: a thousand new customers, an owner leaves, the teams are put in a new order."""

from __future__ import annotations

from okr_es import commands as c
from okr_es.example.measures import Result, number, steps, wanted
from okr_es.example.naming import kpi, team
from okr_es.example.people import is_back, leaves
from okr_es.example.words import (
    Step,
    check_ins,
    checks_in,
    closes,
    commits,
    commits_plan,
    corrects,
    every_other_friday,
    grades,
    hands_over,
    links,
    on,
    opens,
    plans,
    realigns,
    retargets,
)

LAUNCH = "> 25Q3/launch"

PLAN: list[Step] = [
    *on("2025-06-16", "mara", opens("2025-Q3")),
    *on("2025-07-07", "mara", plans(
        "25Q3/customers", "company", "mara", "win more customers than in any quarter before",
        Result("new", "1,000 new customers in the third quarter", number(0, 1_000, "customers"),
               weight=2, fed_by="customers", along={"2025-07-31": "0.2", "2025-08-31": "0.5"}),
        Result("lost", "Of 100 customers no more than 2.5 leave in a quarter",
               number("3.4", "2.5", "%"), cadence="monthly"),
        aligned_to="25/lead/customers",
    )),
    *on("2025-07-07", "ines", plans(
        "25Q3/content", "content", "ines", "show every trade how it plans better with us",
        Result("stories", "15 stories of customers", number(0, 15, "stories")),
        Result("readers", "7,000 readers of the newsletter", number(5_000, 7_000, "readers")),
        aligned_to="25/reach/visitors",
    )),
    *on("2025-07-07", "dario", plans(
        "25Q3/networks", "campaigns", "dario", "run campaigns on three networks at a time",
        Result("running", "Campaigns run on three networks",
               steps("LinkedIn", "Instagram", "YouTube")),
        Result("leads", "2,400 leads from campaigns", number(0, 2_400, "leads")),
        Result("cost", "A lead costs 2.70 USD", number("2.90", "2.70", "USD"),
               cadence="per_project", fed_by="cost"),
        aligned_to="25Q3/customers/new",
    )),
    *on("2025-07-08", "priya", commits("25Q3/launch")),
    *on("2025-07-08", "yuki", plans(
        "25Q3/trials", "product", "yuki", "let visitors try before they buy",
        Result("trials", "2.2 of 100 visitors start a trial", number("1.5", "2.2", "%")),
        Result("bought", "A quarter of the trials end in a purchase", number(17, 25, "%")),
        aligned_to="25/site/trials",
    )),
    *on("2025-07-08", "hanne", plans(
        "25Q3/desk", "desk", "hanne", "be ready for three times as many leads",
        Result("capacity", "85 % of the desk's time goes to leads", number(76, 85, "%"),
               fed_by="capacity"),
        Result("response", "A lead waits 2.3 days", number("2.6", "2.3", "days"),
               cadence="daily", fed_by="response"),
        aligned_to="25Q3/customers",
    )),
    *on("2025-07-09", "mara", commits_plan("2025-Q3")),
    *on("2025-07-10", "samir", [
        c.SetKpiTarget(kpi("customers"), wanted("2025-07-01", "2025-09-30", 100)),
        c.SetKpiTarget(kpi("customers"), wanted("2025-10-01", "2025-12-31", 100)),
    ]),
]  # fmt: skip

COURSE: list[Step] = [
    *on("2025-07-16", "samir",
        [c.RetargetKpi(kpi("customers"), wanted("2025-07-01", "2025-09-30", 330))],
        because="A thousand in the quarter means a third of it every month."),
    *on("2025-07-17", "mara", links("25Q3/customers/new", None),
        because="The KPI counts a month, the promise is about a quarter."),
    *on("2025-07-24", "hanne", realigns("25Q3/desk", "25Q3/customers/new"),
        because="It is the new customers the desk makes ready for, not those who leave."),
    *on("2025-08-13", "ines", retargets("25Q3/content/stories", number(0, 12, "stories")),
        because="Three customers withdrew their consent to be named."),
    *on("2025-08-20", "yuki", retargets("25Q3/trials/bought", number(17, 22, "%")),
        because="Trials begun in September end after the quarter does."),
]  # fmt: skip

REORGANISATION: list[Step] = [
    *on("2025-08-28", "samir", [c.RetireKpi(kpi("budget"))],
        because="With the campaigns team goes the budget of its own."),
    *on("2025-08-29", "tomas",
        hands_over("25Q3/networks", owner="noah", whose="content", effective="2025-08-27"),
        because="The owner leaves the company at the end of August.",
        comment="Handed over in two days side by side."),
    *on("2025-09-01", "mara", [
        c.DisbandTeam(team("campaigns")),
        c.RenameTeam(team("content"), "Content and Campaigns"),
        c.MoveTeam(team("desk"), team("marketing")),
        c.RenameTeam(team("desk"), "Inbound Leads"),
    ], because="Who wins a lead and who answers it sit together from now on."),
    *on("2025-09-02", "samir", [c.ReplaceKpiSource(kpi("capacity"), "planning tool")],
        because="Time sheets end with August."),
    *on("2025-09-03", "lotte", leaves("olek", "2025-09-01"), because="His contract ended."),
    *on("2025-09-03", "lotte", is_back("olek", "2025-09-01"), because="It was the line above."),
    *on("2025-09-03", "lotte", leaves("dario", "2025-09-01"), because="His contract ended."),
]  # fmt: skip

CHECK_INS: list[Step] = check_ins(every_other_friday("2025-07-11"), {
    "25Q3/customers/new":              ("mara",  "-       155@6   280@6   430@6   610@7   790@7"),
    "25Q3/customers/lost":             ("mara",  "-       3.3@6   -       3.0@6   -       2.8@6"),
    "25Q3/content/stories":            ("ines",  "1@7     3@7     5@6     7@7     9@7     11@8"),
    "25Q3/content/readers":            ("ines",  "5120@7  5480@7  5790@7  6150@7  6500@7  6880@8"),
    "25Q3/networks/running":           ("dario", "1@7     2@7     2@7     2@6"),
    "25Q3/networks/leads":             ("dario", "210@7   540@7   930@7   1330@7"),
    "25Q3/networks/cost":              ("dario", "@6      @6      -       @6"),
    "25Q2/launch/version " + LAUNCH:   ("priya", "0@6     1@7     1@7     2@10"),
    "25Q2/launch/bugs " + LAUNCH:      ("olek",  "26@6    22@6    14@7    11@7    8@7     6@7"),
    "25Q3/trials/trials":              ("yuki",  "1.5@6   1.5@6   1.6@6   1.9@7   2.1@8   2.2@8"),
    "25Q3/trials/bought":              ("yuki",  "17@6    17.5@5  18@5    18.5@6  19@6    20@6"),
    "25Q3/desk/capacity":              ("hanne", "@6      @6      @6      @7      @7      @7"),
    "25Q3/desk/response":              ("hanne", "@7      @7      @7      @6      @7      @7"),
})  # fmt: skip

TAKEN_OVER: list[Step] = check_ins(("2025-09-05", "2025-09-19"), {
    "25Q3/networks/running": ("noah", "2@5    3@8"),
    "25Q3/networks/leads":   ("noah", "1640@5 1990@5"),
    "25Q3/networks/cost":    ("noah", "@5     @6"),
})  # fmt: skip

RESULT: list[Step] = [
    *on("2025-10-01", "mara",
        checks_in("25Q3/customers/new", "905", "7", about="2025-09-30"),
        checks_in("25Q3/customers/lost", "2.7", "7", about="2025-09-30")),
    *on("2025-10-02", "noah", checks_in("25Q3/networks/leads", "2170", "6", about="2025-09-30")),
    *on("2025-10-03", "mara", corrects("25Q3/customers/new", "2025-09-30", "908"),
        because="Three contracts signed on the last day were entered a day later."),
    *on("2025-10-07", "mara",
        grades("25Q3/content", "25Q3/networks", "25Q3/launch", "25Q3/trials", "25Q3/desk")),
    *on("2025-10-08", "mara", grades("25Q3/customers", adjusted="0.95"),
        because="908 of 1,000, in the quarter in which we also launched: more than we hoped for."),
    *on("2025-10-10", "mara", closes("2025-Q3")),
]  # fmt: skip

STORY = [*PLAN, *COURSE, *REORGANISATION, *CHECK_INS, *TAKEN_OVER, *RESULT]
