"""To which line of the table of rights each command and each question belongs, on one page."""

from __future__ import annotations

from okr_es.access.rights import Line, Part

Where = tuple[Line, Part | None]

# The commands of each line, and of which part of it they are.
COMMANDS_OF: dict[Where, str] = {
    (Line.GOALS, None): """
        DraftObjective CommitObjective RetitleObjective DescribeObjective RescheduleObjective
        KeepConfidential OpenToAll
        ReplaceObjectiveCommitment RealignObjective CorrectObjective AbandonObjective
        AddKeyResult RetitleKeyResult DescribeKeyResult ReplaceKeyResultCadence RetargetKeyResult
        CorrectKeyResult ReweightKeyResult LinkKeyResult MoveKeyResult DropKeyResult
        ReinstateKeyResult CheckIn DefineKpi RenameKpi ReplaceKpiPurpose CorrectKpi RedefineKpi
        SetKpiTarget RetargetKpi CorrectKpiTarget ReplaceKpiSource ReplaceKpiCadence RetireKpi
        ReinstateKpi WithdrawRequest
    """,
    (Line.PLANS, Part.PLAN): """
        CommitPlan ReassignObjective ReassignKeyResult ReassignKpi CarryOverObjective
        ReopenObjective
    """,
    (Line.PLANS, Part.GRADE): "GradeObjective",
    (Line.CYCLES, None): """
        OpenCycle RenameCycle RescheduleCycle CloseCycle ReopenCycle RequireApproval SetCalendar
        AdoptScoringPolicy ChoosePeopleFigures SetRetention
    """,
    (Line.READINGS, None): "RecordReading RecordReadings CorrectReading RetractReading",
    (Line.APPROVE, None): "ApproveRequest RefuseRequest",
    (Line.PERSONAL, Part.CHANGE): """
        DeactivatePerson ReactivatePerson PlaceLegalHold LiftLegalHold RedactText
    """,
    (Line.PERSONAL, Part.ERASURE): "ErasePerson",
    (Line.DIRECTORY, Part.PEOPLE): "RegisterPerson RenamePerson ReplaceEmail NameDeputy",
    (Line.DIRECTORY, Part.TEAMS): """
        FormTeam RenameTeam ReplaceTeamKind MoveTeam DisbandTeam ReinstateTeam
    """,
    (Line.DIRECTORY, Part.GRANT): "GrantRole RescheduleGrant EndGrant",
    (Line.DIRECTORY, Part.CONFIGURATION): """
        RotateSigningKey AcceptClock CreateApiKey RevokeApiKey
    """,
}  # fmt: skip

# The questions of each line, as `projections/queries.py` and the routes of evidence name them.
QUESTIONS_OF: dict[Where, str] = {
    (Line.SEE, None): """
        objectives objective key_results key_result board tree kpis kpi readings reading kind_of
        calendar scoring_policy
        cycles cycle teams team people person history plan results compare explanation replay
        changes_by_day trends check_ins templates
        objective_plan_and_actual key_result_plan_and_actual kpi_plan_and_actual retention
        checkpoints latestCheckpoint checkpoint consistency verifier
    """,
    (Line.REVIEWS, Part.READ): "review scoreboard needs",
    (Line.PERSONAL, Part.READ): "held_data",
    (Line.AUDIT, None): """
        audit_log patterns approvals approval proof exportEvidence auditSample exportSample grants
        who_could
    """,
    (Line.ACCESS_LOG, Part.READ): "access_log",
    (Line.DIRECTORY, Part.CONFIGURATION): "keys",
    (Line.CYCLES, None): "previewImport",
}

# The commands of the command line that ask several questions, or do what no single command of the
# API does. Those that carry out one command, or ask one question, are made from it, and are of its
# line.
COMMAND_LINE_OF: dict[Line, tuple[str, ...]] = {
    Line.SEE: ("goal", "actual", "replay", "history", "receipt"),
    Line.GOALS: ("check-ins",),
    Line.CYCLES: ("import kpis",),
    Line.PERSONAL: ("people export",),
    Line.AUDIT: (
        "events", "audit log", "audit checkpoints", "audit export", "audit sample",
        "audit verifier",
    ),
    Line.ACCESS_LOG: ("audit access-log",),
}  # fmt: skip

# What the command line does on the database itself: the operator's, who has the machine.
OF_THE_MACHINE = frozenset({
    "serve", "demo", "worker", "doctor", "backup", "restore", "copy",
    "read-model status", "read-model catch-up", "read-model build", "read-model verify",
    "read-model rebuild", "database status", "database upgrade", "database prepare",
    "database sweep", "database rewrap", "people erasures", "audit sign", "audit verify",
    "audit export-accesses",
    "clock show", "admin grant", "grants end-orphaned", "people invite", "people sign-in-link",
    "people sessions", "people sign-out", "people accounts", "people disconnect",
    "login", "logout", "completion", "setup",
})  # fmt: skip


def listed(lines: dict[Where, str]) -> dict[str, Where]:
    """Return the lines by the names that belong to them."""
    return {name: where for where, names in lines.items() for name in names.split()}


COMMANDS, QUESTIONS = listed(COMMANDS_OF), listed(QUESTIONS_OF)


def line_of_plan(*, is_of_a_team: bool) -> Line:
    """Return the line of CommitPlan: a team's plan, or that of all teams as one of the cycle."""
    return Line.PLANS if is_of_a_team else Line.CYCLES
