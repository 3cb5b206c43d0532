"""The warnings of what ends, counts no longer, or is missing: see `warning_catalogue`."""

from __future__ import annotations

from okr_es.warning_kind import WarningKind

# In the order of the alphabet.
ENDINGS = {
    "aligned_to_what_ended": WarningKind(
        "what it is aligned to",
        en="What it is aligned to has ended: it rolls up nowhere until it is re-aligned.",
        sv="Det som målet stöder har upphört: det räknas inte uppåt förrän det kopplas om.",
    ),
    "aligned_to_what_ends": WarningKind(
        "the objectives",
        en=(
            "An objective is aligned to what ends here: it rolls up nowhere now; re-align it.",
            "{count} objectives are aligned to what ends here: they roll up nowhere now.",
        ),
        sv=(
            "Ett mål stöder det som upphör: det räknas inte uppåt längre; koppla om det.",
            "{count} mål stöder det som upphör: de räknas inte uppåt längre; koppla om dem.",
        ),
    ),
    "aligned_to_what_moves": WarningKind(
        "the objectives",
        en=(
            "An objective is aligned to the key result: it rolls up to the other objective now.",
            "{count} objectives are aligned to the key result: they roll up to the other one now.",
        ),
        sv=(
            "Ett mål stöder nyckelresultatet: det räknas nu in i det andra målet.",
            "{count} mål stöder nyckelresultatet: de räknas nu in i det andra målet.",
        ),
    ),
    "counts_as_committed": WarningKind(
        "the key result",
        en="What it measures was dropped or abandoned: it counts in the score as committed alone.",
        sv="Det som mäts har strukits eller övergivits: det räknas bara i utfallet mot planen.",
    ),
    "counts_no_longer": WarningKind(
        "the key result",
        en=("The check-in counts nowhere: the key result has another unit, zones or source since."),
        sv=(
            "Avläsningen räknas ingenstans: nyckelresultatet har sedan dess en annan enhet, andra"
            " zoner eller en annan källa."
        ),
    ),
    "drafts_left_over": WarningKind(
        "the drafts",
        en=(
            "A draft was never committed: it is no part of the result.",
            "{count} drafts were never committed: they are no part of the result.",
        ),
        sv=(
            "Ett utkast antogs aldrig: det ingår inte i resultatet.",
            "{count} utkast antogs aldrig: de ingår inte i resultatet.",
        ),
    ),
    "graded_before": WarningKind(
        "the objectives",
        en=(
            "An objective was graded before: its computed grade changes, an adjusted one stays.",
            "{count} objectives were graded before: computed grades change, adjusted ones stay.",
        ),
        sv=(
            "Ett mål är redan betygsatt: det beräknade betyget ändras, ett justerat står kvar.",
            "{count} mål är redan betygsatta: beräknade betyg ändras, justerade står kvar.",
        ),
    ),
    "kpis_stay_with_it": WarningKind(
        "the KPIs",
        en=("A KPI stays with the team.", "{count} KPIs stay with the team."),
        sv=("Ett nyckeltal blir kvar hos teamet.", "{count} nyckeltal blir kvar hos teamet."),
    ),
    "not_graded": WarningKind(
        "the objectives",
        en=(
            "An objective was not graded; in a closed cycle it cannot be.",
            "{count} objectives were not graded; in a closed cycle they cannot be.",
        ),
        sv=(
            "Ett mål är inte betygsatt; i en stängd cykel kan det inte bli det.",
            "{count} mål är inte betygsatta; i en stängd cykel kan de inte bli det.",
        ),
    ),
    "not_measured": WarningKind(
        "the key results",
        en=(
            "Not measured: {count} of {of} key results with a weight. They count 0, or are left"
            " out, as the scoring policy says."
        ),
        sv=(
            "Inte mätta: {count} av {of} nyckelresultat med vikt. De räknas som 0 eller utelämnas,"
            " som poängreglerna säger."
        ),
    ),
    "nothing_measures_it_now": WarningKind(
        "the objectives",
        en=(
            (
                "Nothing measures an objective now: no key result of its own has a weight, and"
                " nothing aligned to it counts."
            ),
            (
                "Nothing measures {count} objectives now: no key results of their own have a"
                " weight, and nothing aligned to them counts."
            ),
        ),
        sv=(
            (
                "Inget mäter ett mål längre: inget eget nyckelresultat har någon vikt, och inget"
                " som stöder det räknas."
            ),
            (
                "Inget mäter {count} mål längre: inga egna nyckelresultat har någon vikt, och inget"
                " som stöder dem räknas."
            ),
        ),
    ),
    "objectives_stay_with_it": WarningKind(
        "the objectives",
        en=(
            "An objective of an open cycle stays with the team.",
            "{count} objectives of open cycles stay with the team.",
        ),
        sv=(
            "Ett mål i en öppen cykel blir kvar hos teamet.",
            "{count} mål i öppna cykler blir kvar hos teamet.",
        ),
    ),
    "predecessor_does_not_return": WarningKind(
        "what it was carried over from",
        en="What it was carried over from does not count again in its place.",
        sv="Det mål som det fördes över från räknas inte igen i dess ställe.",
    ),
    "readings_overdue": WarningKind(
        "the key results",
        en=(
            "The last reading that was due of a key result is missing.",
            "The last readings that were due of {count} key results are missing.",
        ),
        sv=(
            "Den senaste avläsningen av ett nyckelresultat saknas.",
            "De senaste avläsningarna av {count} nyckelresultat saknas.",
        ),
    ),
    "requests_name_it": WarningKind(
        "the requests",
        en=(
            "A request that waits for approval names it; it may only be refused now.",
            "{count} requests that wait for approval name it; they may only be refused now.",
        ),
        sv=(
            "En begäran som väntar på godkännande nämner det; den kan kanske bara avslås.",
            "{count} begäranden som väntar på godkännande nämner det; de kan kanske bara avslås.",
        ),
    ),
    "values_end": WarningKind(
        "the key results",
        en=(
            "A key result that runs takes its values from the KPI: it gets no more.",
            "{count} key results that run take their values from the KPI: they get no more.",
        ),
        sv=(
            "Ett pågående nyckelresultat får sina värden från nyckeltalet: det får inga fler.",
            "{count} pågående nyckelresultat får sina värden från nyckeltalet: de får inga fler.",
        ),
    ),
}
