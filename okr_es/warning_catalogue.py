"""Every warning that a receipt can carry, with its sentences: one list.

A stored receipt holds the code, the things, the count and plain facts; the text is made when the
receipt is answered. Stored receipts name codes and facts, so a code stays, and a sentence names
only facts that its warning always had.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from okr_es.warning_kind import Sentence, WarningKind

DEFAULT = "en"
OTHER = "other"  # of a receipt that was stored while warnings were texts
POINTS = {"en": ".", "sv": ","}  # the mark before the decimals

# In the order of the alphabet.
WARNINGS: dict[str, WarningKind] = {
    "aligned_measure_it_no_more": WarningKind(
        "the aligned objectives",
        en=(
            (
                "An aligned objective measured it until now: with a key result of its own it is"
                " scored by that."
            ),
            (
                "{count} aligned objectives measured it until now: with a key result of its own it"
                " is scored by that."
            ),
        ),
        sv=(
            (
                "Ett mål som stöder det mätte det hittills: med ett eget nyckelresultat bedöms det"
                " efter detta."
            ),
            (
                "{count} mål som stöder det mätte det hittills: med ett eget nyckelresultat bedöms"
                " det efter detta."
            ),
        ),
    ),
    "aligned_to_objective": WarningKind(
        "the new objective",
        en="The key result it was aligned to was not carried over; it is aligned to the objective.",
        sv="Nyckelresultatet som målet stödde har inte förts över; det stöder nu själva målet.",
    ),
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
    "alignment_not_carried": WarningKind(
        "what the old objective is aligned to",
        en="What it was aligned to is not carried over yet; the alignment follows once it is.",
        sv="Det som målet stödde har inte förts över än; kopplingen följer med när det förs över.",
    ),
    "alignment_not_followed": WarningKind(
        "the objectives",
        en=(
            "An objective that was carried over earlier is promised already; align it by hand.",
            (
                "{count} objectives that were carried over earlier are promised already; align them"
                " by hand."
            ),
        ),
        sv=(
            "Ett mål som fördes över tidigare är redan utlovat; koppla det för hand.",
            "{count} mål som fördes över tidigare är redan utlovade; koppla dem för hand.",
        ),
    ),
    "api_keys_name_it": WarningKind(
        "the api keys",
        en=(
            "An api key records its readings: they will be refused.",
            "{count} api keys record its readings: they will be refused.",
        ),
        sv=(
            "En api-nyckel registrerar dess mätvärden: de kommer att avvisas.",
            "{count} api-nycklar registrerar dess mätvärden: de kommer att avvisas.",
        ),
    ),
    "baseline_kept": WarningKind(
        "the new key results",
        en=(
            "A key result keeps its old baseline: it is at its target, or was not measured.",
            (
                "{count} key results keep their old baseline: they are at their target, or were not"
                " measured."
            ),
        ),
        sv=(
            "Ett nyckelresultat behåller sitt utgångsvärde: det är vid sitt mål eller mättes inte.",
            (
                "{count} nyckelresultat behåller sina utgångsvärden: de är vid sina mål eller"
                " mättes inte."
            ),
        ),
    ),
    "cadence_stays": WarningKind(
        "the key results",
        en=(
            "The KPI feeds a key result that keeps its cadence: its readings are due as before.",
            (
                "The KPI feeds {count} key results that keep their cadence: their readings are due"
                " as before."
            ),
        ),
        sv=(
            (
                "Nyckeltalet matar ett nyckelresultat som behåller sin rytm: dess avläsningar ska"
                " göras som förut."
            ),
            (
                "Nyckeltalet matar {count} nyckelresultat som behåller sin rytm: deras avläsningar"
                " ska göras som förut."
            ),
        ),
    ),
    "calendar_replaced": WarningKind(
        "the calendar",
        en=(
            "A calendar that was to be valid from a later day on no longer is.",
            "{count} calendars that were to be valid from later days on no longer are.",
        ),
        sv=(
            "En kalender som skulle gälla från en senare dag gäller inte längre.",
            "{count} kalendrar som skulle gälla från senare dagar gäller inte längre.",
        ),
    ),
    "closed_before_its_end": WarningKind(
        "the cycle",
        en="The cycle runs until {ends}.",
        sv="Cykeln löper till och med {ends}.",
    ),
    "correction_is_late": WarningKind(
        "the cycle",
        en="It could be corrected until {until}; now someone else has to approve that.",
        sv="Det kunde rättas till och med {until}; nu måste någon annan godkänna det.",
    ),
    "counts_as_committed": WarningKind(
        "the key result",
        en=(
            "What it measures was dropped, abandoned or moved into a draft: it counts in the score"
            " as committed alone."
        ),
        sv=(
            "Det som mäts har strukits, övergivits eller flyttats till ett utkast: det räknas bara"
            " i utfallet mot planen."
        ),
    ),
    "counts_no_longer": WarningKind(
        "the key result",
        en=("The check-in counts nowhere: the key result has another unit, zones or source since."),
        sv=(
            "Avläsningen räknas ingenstans: nyckelresultatet har sedan dess en annan enhet, andra"
            " zoner eller en annan källa."
        ),
    ),
    "cycle_is_closed": WarningKind(
        "each closed cycle, and what this touches: its key results, or a team",
        en=(
            "The cycle is closed: this changes what is known now, not its result.",
            "{count} cycles are closed: this changes what is known now, not their results.",
        ),
        sv=(
            "Cykeln är stängd: detta ändrar vad man vet nu, inte dess resultat.",
            "{count} cykler är stängda: detta ändrar vad man vet nu, inte deras resultat.",
        ),
        counted="cycle",
    ),
    "cycle_is_long": WarningKind(
        "the cycle",
        en="The cycle is longer than a year.",
        sv="Cykeln är längre än ett år.",
    ),
    "cycle_looks_alike": WarningKind(
        "the first cycle",
        en="There is a cycle whose name looks like this one.",
        sv="Det finns en cykel vars namn ser ut som detta.",
    ),
    "done_steps_dropped": WarningKind(
        "the key result",
        en=(
            "A step that is done is no step of it any more: it counts no longer.",
            "{count} steps that are done are no steps of it any more: they count no longer.",
        ),
        sv=(
            "Ett steg som är gjort hör inte längre till stegen: det räknas inte längre.",
            "{count} steg som är gjorda hör inte längre till stegen: de räknas inte längre.",
        ),
    ),
    "drafts_left_out": WarningKind(
        "the drafts",
        en=(
            "A draft is no part of the plan; committed later, it is added mid-cycle.",
            "{count} drafts are no part of the plan; committed later, they are added mid-cycle.",
        ),
        sv=(
            "Ett utkast ingår inte i planen; om det antas senare räknas det som tillagt.",
            "{count} utkast ingår inte i planen; om de antas senare räknas de som tillagda.",
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
    "due_after_the_end": WarningKind(
        "the objectives",
        en=(
            (
                "An objective is due after the last day of its cycle: readings about later days"
                " count nowhere."
            ),
            (
                "{count} objectives are due after the last day of their cycle: readings about later"
                " days count nowhere."
            ),
        ),
        sv=(
            (
                "Ett mål har sin slutdag efter cykelns sista dag: avläsningar om senare dagar"
                " räknas ingenstans."
            ),
            (
                "{count} mål har sina slutdagar efter cykelns sista dag: avläsningar om senare"
                " dagar räknas ingenstans."
            ),
        ),
    ),
    "due_day_has_passed": WarningKind(
        "the objective",
        en="The objective is due on {due}, which has passed: all of it is expected already.",
        sv="Målet skulle vara klart {due}, som har passerat: allt förväntas redan.",
    ),
    "fed_by_retired_kpi": WarningKind(
        "each key result and its KPI",
        en=(
            "The KPI that feeds a key result was retired: it takes no readings any more.",
            "The KPIs that feed {count} key results were retired: they take no readings any more.",
        ),
        sv=(
            (
                "Nyckeltalet som matar ett nyckelresultat har tagits ur bruk: det tar inga"
                " avläsningar."
            ),
            (
                "Nyckeltalen som matar {count} nyckelresultat har tagits ur bruk: de tar inga"
                " avläsningar."
            ),
        ),
    ),
    "feeds_promises": WarningKind(
        "the key results",
        en=(
            "The KPI feeds a promised key result: its value follows the new definition.",
            "The KPI feeds {count} promised key results: their values follow the new definition.",
        ),
        sv=(
            "Nyckeltalet matar ett utlovat nyckelresultat: dess värde följer den nya definitionen.",
            (
                "Nyckeltalet matar {count} utlovade nyckelresultat: deras värden följer den nya"
                " definitionen."
            ),
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
        counted="objective",
    ),
    "handed_over_before": WarningKind(
        "the objectives",
        en=(
            (
                "An objective was handed over from a day before the cycle's first: who had it until"
                " then held it on no day."
            ),
            (
                "{count} objectives were handed over from days before the cycle's first: who had"
                " them until then held them on no day."
            ),
        ),
        sv=(
            (
                "Ett mål lämnades över med verkan från en dag före cykelns första: den som hade det"
                " dessförinnan hade det ingen dag."
            ),
            (
                "{count} mål lämnades över med verkan från dagar före cykelns första: de som hade"
                " dem dessförinnan hade dem ingen dag."
            ),
        ),
    ),
    "has_no_weight": WarningKind(
        "the key result, or the aligned objective",
        en="The weight is 0: it counts neither in the score above it nor in the roll-up.",
        sv="Vikten är 0: det räknas varken i utfallet ovanför eller uppåt.",
    ),
    "key_result_has_same_title": WarningKind(
        "the first key result",
        en="The objective has a key result of the same title.",
        sv="Målet har ett nyckelresultat med samma titel.",
    ),
    "kpi_has_same_name": WarningKind(
        "the first KPI",
        en="The team has a KPI of the same name.",
        sv="Teamet har ett nyckeltal med samma namn.",
    ),
    "kpi_not_carried": WarningKind(
        "the new key result and the retired KPI, for each of them",
        en=(
            "The KPI that fed a key result was retired; the new key result has no KPI.",
            "The KPIs that fed {count} key results were retired; the new key results have no KPI.",
        ),
        sv=(
            (
                "Nyckeltalet som matade ett nyckelresultat har tagits ur bruk; det nya"
                " nyckelresultatet har inget nyckeltal."
            ),
            (
                "Nyckeltalen som matade {count} nyckelresultat har tagits ur bruk; de nya"
                " nyckelresultaten har inget nyckeltal."
            ),
        ),
    ),
    "kpis_stay_with_it": WarningKind(
        "the KPIs",
        en=("A KPI stays with the team.", "{count} KPIs stay with the team."),
        sv=("Ett nyckeltal blir kvar hos teamet.", "{count} nyckeltal blir kvar hos teamet."),
    ),
    "made_api_keys": WarningKind(
        "the api keys",
        en=(
            "An api key that they made works on: revoke it where nobody else needs it.",
            "{count} api keys that they made work on: revoke those that nobody else needs.",
        ),
        sv=(
            (
                "En api-nyckel som personen gjorde gäller fortfarande: återkalla den om ingen"
                " annan behöver den."
            ),
            (
                "{count} api-nycklar som personen gjorde gäller fortfarande: återkalla dem som"
                " ingen annan behöver."
            ),
        ),
    ),
    "moved_into_draft": WarningKind(
        "the key result",
        en=(
            "The objective it is moved to is a draft: until that is committed it counts in the"
            " score as committed at most."
        ),
        sv=(
            "Målet det flyttas till är ett utkast: tills det antas räknas det på sin höjd i"
            " utfallet mot planen."
        ),
    ),
    "name_says_other_days": WarningKind(
        "the cycle",
        en="The name of the cycle stands for {starts} to {ends}; its days are others.",
        sv="Cykelns namn står för {starts} till {ends}; dess dagar är andra.",
    ),
    "needs_new_reading": WarningKind(
        "the key result",
        en=(
            "Its unit or zones are new: earlier check-ins count no longer, and it is not measured"
            " until a new one."
        ),
        sv=(
            "Dess enhet eller zoner är nya: tidigare avläsningar räknas inte längre, och det är"
            " inte mätt förrän det får en ny."
        ),
    ),
    "no_days_left": WarningKind(
        "the cycle",
        en=("The cycle ran until {ends}: who has the objective now had it on none of its days."),
        sv="Cykeln löpte till och med {ends}: den som nu har målet hade det inte under någon dag.",
    ),
    "no_key_results": WarningKind(
        "the objective",
        en="The objective has no key results yet.",
        sv="Målet har inga nyckelresultat än.",
    ),
    "no_span_holds_the_day": WarningKind(
        "the KPIs",
        en=(
            "No span of the KPI holds the day of the reading: nothing judges it.",
            "No span of their KPI holds the days of {count} readings: nothing judges them.",
        ),
        sv=(
            "Ingen period för nyckeltalet omfattar avläsningens dag: inget bedömer den.",
            (
                "Ingen period för nyckeltalet omfattar dagarna för {count} avläsningar: inget"
                " bedömer dem."
            ),
        ),
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
    "nothing_left_to_change": WarningKind(
        "the request",
        en="Nothing was left to change.",
        sv="Det fanns inget kvar att ändra.",
    ),
    "nothing_measures_it": WarningKind(
        "the objectives",
        en=(
            (
                "Nothing measures an objective of the plan: no key result of its own has a weight,"
                " and nothing aligned to it counts."
            ),
            (
                "Nothing measures {count} objectives of the plan: no key results of their own have"
                " a weight, and nothing aligned to them counts."
            ),
        ),
        sv=(
            (
                "Inget mäter ett av planens mål: inget eget nyckelresultat har någon vikt, och"
                " inget som stöder det räknas."
            ),
            (
                "Inget mäter {count} av planens mål: inga egna nyckelresultat har någon vikt, och"
                " inget som stöder dem räknas."
            ),
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
    "objective_has_same_title": WarningKind(
        "the first objective",
        en="The team has an objective of the same title in this cycle.",
        sv="Teamet har ett mål med samma titel i denna cykel.",
    ),
    "objective_is_long": WarningKind(
        "the objective",
        en="The objective runs for longer than a year.",
        sv="Målet löper längre än ett år.",
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
    OTHER: WarningKind(
        "none: the receipt is older than the codes, and its text stands as it was stored",
        en="",
        sv="",
    ),
    "outside_the_cycle": WarningKind(
        "the key result",
        en=(
            "The day lies outside the cycle, {starts} to {ends}: this stays in the history and"
            " counts nowhere."
        ),
        sv=(
            "Dagen ligger utanför cykeln, {starts} till {ends}: detta står kvar i historiken och"
            " räknas ingenstans."
        ),
    ),
    "owner_is_gone": WarningKind(
        "what they own",
        en=(
            "The owner of a goal or KPI has left or was erased: hand it over.",
            "The owners of {count} goals or KPIs have left or were erased: hand them over.",
        ),
        sv=(
            "Den som äger ett mål eller nyckeltal har slutat eller raderats: lämna över det.",
            "De som äger {count} mål eller nyckeltal har slutat eller raderats: lämna över dem.",
        ),
    ),
    "owner_not_carried": WarningKind(
        "the new key results",
        en=(
            "The owner of a key result is gone; the new one has that of its objective.",
            "The owners of {count} key results are gone; the new ones have that of the objective.",
        ),
        sv=(
            "Ägaren till ett nyckelresultat finns inte kvar; det nya har målets ägare.",
            "Ägarna till {count} nyckelresultat finns inte kvar; de nya har målets ägare.",
        ),
    ),
    "owners_cannot_approve": WarningKind(
        "the owners",
        en="Who owns what it changes cannot approve it either.",
        sv="Inte heller den som äger det som ändras kan godkänna det.",
    ),
    "person_has_same_email": WarningKind(
        "the first person",
        en="Another person in the directory has the same e-mail.",
        sv="En annan person i katalogen har samma e-post.",
    ),
    "person_has_same_name": WarningKind(
        "the first person",
        en="Another person in the directory has the same name.",
        sv="En annan person i katalogen har samma namn.",
    ),
    "plan_never_committed": WarningKind(
        "the cycle",
        en="The plan of the cycle was never committed.",
        sv="Cykelns plan har aldrig fastställts.",
    ),
    "points_left_out": WarningKind(
        "the key results",
        en=(
            (
                "A key result has dated points of its trajectory outside its days: they are left"
                " aside."
            ),
            (
                "{count} key results have dated points of their trajectories outside their days:"
                " they are left aside."
            ),
        ),
        sv=(
            (
                "Ett nyckelresultat har daterade punkter i sin bana utanför sina dagar: de räknas"
                " inte."
            ),
            (
                "{count} nyckelresultat har daterade punkter i sina banor utanför sina dagar: de"
                " räknas inte."
            ),
        ),
    ),
    "predecessor_does_not_return": WarningKind(
        "what it was carried over from",
        en="What it was carried over from does not count again in its place.",
        sv="Det mål som det fördes över från räknas inte igen i dess ställe.",
    ),
    "reached_not_carried": WarningKind(
        "the old key results",
        en=(
            "A key result that reached its target was not carried over.",
            "{count} key results that reached their target were not carried over.",
        ),
        sv=(
            "Ett nyckelresultat som har nått sitt mål fördes inte över.",
            "{count} nyckelresultat som har nått sina mål fördes inte över.",
        ),
    ),
    "readings_left_out": WarningKind(
        "the key results",
        en=(
            (
                "A reading lies outside the new days of the cycle: it stays in the history and"
                " counts in it no longer."
            ),
            (
                "{count} readings lie outside the new days of the cycle: they stay in the history"
                " and count in it no longer."
            ),
        ),
        sv=(
            (
                "En avläsning ligger utanför cykelns nya dagar: den står kvar i historiken och"
                " räknas inte längre i cykeln."
            ),
            (
                "{count} avläsningar ligger utanför cykelns nya dagar: de står kvar i historiken"
                " och räknas inte längre i cykeln."
            ),
        ),
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
    "requests_still_wait": WarningKind(
        "the requests",
        en=(
            (
                "A request waits for approval; if it revises the plan, it can no longer be carried"
                " out."
            ),
            (
                "{count} requests wait for approval; those among them that revise the plan can no"
                " longer be carried out."
            ),
        ),
        sv=(
            (
                "En begäran väntar på godkännande; om den ändrar planen kan den inte längre"
                " verkställas."
            ),
            (
                "{count} begäranden väntar på godkännande; de som ändrar planen kan inte längre"
                " verkställas."
            ),
        ),
    ),
    "roles_stay_with_it": WarningKind(
        "the grants",
        en=(
            "A role is given for the team: it still gives rights over the team's past goals.",
            "{count} roles are given for the team: they still give rights over its past goals.",
        ),
        sv=(
            "En roll är tilldelad för teamet: den ger fortfarande rätt till teamets tidigare mål.",
            (
                "{count} roller är tilldelade för teamet: de ger fortfarande rätt till dess"
                " tidigare mål."
            ),
        ),
    ),
    "source_is_new": WarningKind(
        "the key result",
        en=(
            "Its values come from another source now: what was read from the earlier one counts no"
            " longer."
        ),
        sv=(
            "Dess värden kommer nu från en annan källa: det som lästs ur den tidigare räknas inte"
            " längre."
        ),
    ),
    "span_is_over": WarningKind(
        "the KPI",
        en="The span {starts} to {ends} is over: this changes how its readings are judged.",
        sv="Perioden {starts} till {ends} är över: detta ändrar hur dess avläsningar bedöms.",
    ),
    "still_asks": WarningKind(
        "the requests",
        en=(
            "A request of theirs still waits for approval.",
            "{count} requests of theirs still wait for approval.",
        ),
        sv=(
            "En begäran från personen väntar ännu på godkännande.",
            "{count} begäranden från personen väntar ännu på godkännande.",
        ),
    ),
    "still_deputy": WarningKind(
        "the people",
        en=(
            "They are still named as the deputy of a person.",
            "They are still named as the deputy of {count} people.",
        ),
        sv=(
            "Personen är ännu ersättare för en person.",
            "Personen är ännu ersättare för {count} personer.",
        ),
    ),
    "still_has_roles": WarningKind(
        "the grants",
        en=(
            "They have a role, today or later: it gives nothing while they are gone; end it.",
            "They have {count} roles, today or later: these give nothing while they are gone.",
        ),
        sv=(
            "Personen har en roll, i dag eller senare: den ger ingenting medan hen är borta.",
            "Personen har {count} roller, i dag eller senare: de ger ingenting medan hen är borta.",
        ),
    ),
    "still_owns_key_results": WarningKind(
        "the key results",
        en=(
            "They still own a key result of a running objective; hand it over.",
            "They still own {count} key results of running objectives; hand them over.",
        ),
        sv=(
            "Personen äger ännu ett nyckelresultat i ett pågående mål; lämna över det.",
            "Personen äger ännu {count} nyckelresultat i pågående mål; lämna över dem.",
        ),
    ),
    "still_owns_kpis": WarningKind(
        "the KPIs",
        en=(
            "They still own a KPI; hand it over.",
            "They still own {count} KPIs; hand them over.",
        ),
        sv=(
            "Personen äger ännu ett nyckeltal; lämna över det.",
            "Personen äger ännu {count} nyckeltal; lämna över dem.",
        ),
    ),
    "still_owns_objectives": WarningKind(
        "the objectives",
        en=(
            "They still own a running objective; hand it over.",
            "They still own {count} running objectives; hand them over.",
        ),
        sv=(
            "Personen äger ännu ett pågående mål; lämna över det.",
            "Personen äger ännu {count} pågående mål; lämna över dem.",
        ),
    ),
    "target_is_what_is_missing": WarningKind(
        "the new key results",
        en=(
            "A sum feeds a key result: its baseline stays, its target is what was missing.",
            "Sums feed {count} key results: baselines stay, targets are what was missing.",
        ),
        sv=(
            "En summa matar ett nyckelresultat: utgångsvärdet står kvar, målet är det som fattas.",
            (
                "Summor matar {count} nyckelresultat: utgångsvärdena står kvar, målen är det som"
                " fattas."
            ),
        ),
    ),
    "target_kept": WarningKind(
        "the new key results",
        en=(
            "A sum feeds a key result, and what is missing is no target; it keeps its old one.",
            "Sums feed {count} key results, and what is missing is no target; they keep old ones.",
        ),
        sv=(
            (
                "En summa matar ett nyckelresultat, och det som fattas kan inte vara ett mål; det"
                " gamla målet står kvar."
            ),
            (
                "Summor matar {count} nyckelresultat, och det som fattas kan inte vara mål; de"
                " gamla målen står kvar."
            ),
        ),
    ),
    "team_has_same_name": WarningKind(
        "the first team",
        en="There is a team of the same name in the same place.",
        sv="Det finns ett team med samma namn på samma plats.",
    ),
    "team_is_disbanded": WarningKind(
        "the team",
        en="Its team was disbanded; reassign it.",
        sv="Dess team har upplösts; flytta det till ett annat.",
    ),
    "trajectory_not_carried": WarningKind(
        "the new key results",
        en=(
            "A key result had a trajectory of the old cycle: the new one has none.",
            "{count} key results had trajectories of the old cycle: the new ones have none.",
        ),
        sv=(
            "Ett nyckelresultat hade en bana i den gamla perioden: det nya har ingen.",
            "{count} nyckelresultat hade banor i den gamla perioden: de nya har inga.",
        ),
    ),
    "trajectory_not_used": WarningKind(
        "the key result",
        en="It is to be kept, so all is expected from its first day: its trajectory is left aside.",
        sv="Det ska hållas, så allt förväntas från första dagen: dess bana räknas inte.",
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
    "values_return": WarningKind(
        "the key results",
        en=(
            "A key result that runs takes its values from the KPI again.",
            "{count} key results that run take their values from the KPI again.",
        ),
        sv=(
            "Ett pågående nyckelresultat får sina värden från nyckeltalet igen.",
            "{count} pågående nyckelresultat får sina värden från nyckeltalet igen.",
        ),
    ),
    "waits_for_approval": WarningKind(
        "the request",
        en="It waits for approval by someone else; nothing is changed yet.",
        sv="Det väntar på godkännande av någon annan; inget är ändrat än.",
    ),
}


def warning_text(code: str, count: int, facts: dict[str, str | int], language: str) -> str:
    """Return the sentence of a warning, in English where the language has none."""
    kind = WARNINGS[code]
    if language not in POINTS:
        language = DEFAULT
    sentence: Sentence = getattr(kind, language)
    template = sentence if isinstance(sentence, str) else sentence[count != 1]
    texts = {name: written(fact, language) for name, fact in facts.items()}
    return template.format(**texts | {"count": written(count, language)})


def written(fact: str | int, language: str) -> str:
    """Return a fact as a language writes it: a number with its own mark, a day as YYYY-MM-DD."""
    try:
        number = Decimal(fact)
    except InvalidOperation:
        return str(fact)
    return format(number, "f").replace(".", POINTS[language])
