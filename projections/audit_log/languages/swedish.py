"""Swedish (sv_SE): every sentence of the audit log, on one page."""

from __future__ import annotations

from projections.audit_log.languages.vocabulary import Vocabulary

KEY_RESULT = "nyckelresultatet ”{key_result}” i målet ”{objective}”"

DEEDS = {
    "cycle.opened": "öppnade cykeln {cycle}, {starts} till {ends},",
    "cycle.renamed": "döpte om cykeln {name_before} till {name}",
    "cycle.rescheduled": "rättade dagarna för cykeln {cycle}[ ({changes})]",
    "cycle.plan_committed": "fastställde planen för cykeln {cycle}",
    "cycle.plan_committed:team": "fastställde planen för teamet ”{team}” för cykeln {cycle}",
    "cycle.plan_committed:with teams below": "fastställde planen för teamet ”{team}”, med alla"
    " team därunder, för cykeln {cycle}",
    "cycle.closed": "stängde cykeln {cycle} och publicerade därmed dess resultat",
    "cycle.reopened": "öppnade den stängda cykeln {cycle} på nytt",
    "cycle.approval_required": "bestämde vad som kräver godkännande[ i cykeln {cycle}]",
    "team.formed": "bildade teamet ”{team}”[ under ”{above}”]",
    "team.renamed": "döpte om teamet ”{name_before}” till ”{name}”",
    "team.kind_replaced": "ändrade slaget av teamet ”{team}” från {kind_before} till {kind}",
    "team.moved": "flyttade teamet ”{team}” från {place_before} till {place}[, med verkan"
    " från {effective},]",
    "team.moved:effective": "ändrade dagen från vilken flytten av teamet ”{team}” gäller till"
    " {effective}",
    "team.disbanded": "upplöste teamet ”{team}”",
    "team.reinstated": "återinrättade teamet ”{team}”",
    "person.registered": "förde in {person} i katalogen",
    "person.renamed": "förde in ett annat namn för {person} i katalogen",
    "person.email_replaced": "förde in en annan e-postadress för {person} i katalogen, eller tog"
    " bort den,",
    "person.deputy_named": "utsåg {deputy} till ersättare för {person} från {starts} till {ends}",
    "person.deputy_withdrawn": "tog tillbaka {deputy_before} som ersättare för {person}",
    "person.deactivated": "avaktiverade {person}, borta från och med {effective},",
    "person.reactivated": "återaktiverade {person}, tillbaka från och med {effective},",
    "person.erased": "raderade {person} ur katalogen på den rättsliga grunden ”{legal_ground}”",
    "person.hold_placed": "införde ett bevarandekrav för {person}[ i ärendet ”{matter}”]",
    "person.hold_lifted": "hävde bevarandekravet för {person}[ i ärendet ”{matter}”]",
    "scoring_policy.adopted": "antog en bedömningspolicy[ ({changes})]",
    "scoring_policy.revised": "ändrade bedömningspolicyn[ ({changes})]",
    "calendar.adopted": "lade upp den första kalendern, i tidszonen {zone}, även för alla"
    " tidigare dagar,",
    "calendar.revised": "fastställde kalendern från och med {valid_from}[ ({changes})]",
    "people_figures.chosen": "bestämde vilka personuppgifter som visas: {people_figures}",
    "people_figures.replaced": "ändrade vilka personuppgifter som visas från"
    " {people_figures_before} till {people_figures}",
    "api_key.created": "gjorde api-nyckeln ”{api_key}” med rollen {role}[ för teamet ”{team}”][ för"
    " {kpi_ids}], till och med {ends},",
    "api_key.revoked": "återkallade api-nyckeln ”{api_key}”",
    "grant.given": "gav {person} rollen {role}[ för teamet ”{team}”] från {starts}[ till"
    " {ends}][, för ändamålet ”{purpose}”,]",
    "grant.rescheduled": "gav {person}s roll {role}[ för teamet ”{team}”] en annan sista dag:"
    " {ends} i stället för {ends_before}",
    "grant.ended": "avslutade {person}s roll {role}[ för teamet ”{team}”] från {effective}",
    "objective.drafted": "skrev ett utkast till målet ”{objective}” (cykel {cycle}, team"
    " ”{team}”, ägare {owner})[, som fortsättning på ”{carried_from}”,]",
    "objective.committed": "åtog sig målet ”{objective}”",
    "objective.retitled": "ändrade titeln på målet ”{title_before}” till ”{title}”",
    "objective.described": "beskrev målet ”{objective}”[ ({changes})]",
    "objective.kept_confidential": "gjorde målet ”{objective}” konfidentiellt",
    "objective.opened_to_all": "öppnade ordalydelsen i målet ”{objective}” för alla",
    "objective.rescheduled": "ändrade förfallodagen för målet ”{objective}” från {due_before} till"
    " {due}",
    "objective.commitment_replaced": "ändrade åtagandegraden för målet ”{objective}” från"
    " {commitment_before} till {commitment}",
    "objective.reassigned": "lämnade över målet ”{objective}”[ från {owner_before} till {owner}]"
    "[ från teamet ”{team_before}” till teamet ”{team}”][, med verkan från {effective},]",
    "objective.reassigned:effective": "ändrade dagen från vilken överlämningen av målet"
    " ”{objective}” gäller till {effective}",
    "objective.realigned": "riktade om målet ”{objective}” från {aligned_to_before} till"
    " {aligned_to}[ och dess vikt från {weight_before} till {weight}]",
    "objective.realigned:weight": "ändrade vikten med vilken målet ”{objective}” är kopplat till"
    " {aligned_to} från {weight_before} till {weight}",
    "objective.corrected": "rättade vikten med vilken målet ”{objective}” är kopplat"
    " från {weight_before} till {weight}, så som det hela tiden var menat"
    "[ till version {until}],",
    "objective.carried_over": "förde över målet ”{objective}” till cykeln {into_cycle}",
    "objective.graded": "betygsatte målet ”{objective}”[ med det justerade betyget"
    " {adjusted_grade}][, enligt dokumentet {link},]",
    "objective.graded:graded": "betygsatte målet ”{objective}” enligt beräkningen",
    "objective.reopened": "öppnade det betygsatta målet ”{objective}” på nytt"
    "[ och tog tillbaka det justerade betyget {adjusted_grade_before}]",
    "objective.reopened:state": "tog upp det övergivna målet ”{objective}” igen",
    "objective.abandoned": "övergav målet ”{objective}”",
    "key_result.added": "lade nyckelresultatet ”{key_result}” till målet ”{objective}”"
    "[ ({promise})][, med ägaren {owner},][, som fortsättning på ”{carried_from}”,]",
    "key_result.retitled": "ändrade titeln på nyckelresultatet ”{title_before}” i målet"
    " ”{objective}” till ”{title}”",
    "key_result.described": f"beskrev {KEY_RESULT}[ ({{changes}})]",
    "key_result.reassigned": f"lämnade över {KEY_RESULT} från {{owner_before}} till {{owner}}",
    "key_result.cadence_replaced": f"ändrade takten för {KEY_RESULT} från {{cadence_before}} till"
    " {cadence}",
    "key_result.retargeted": f"ändrade vad {KEY_RESULT} lovar[ ({{changes}})]",
    "key_result.retargeted:target": f"ändrade målvärdet för {KEY_RESULT} från {{target_before}}"
    " till {target}[ {unit}]",
    "key_result.corrected": f"rättade vad {KEY_RESULT} lovar[ ({{changes}})], så som det hela tiden"
    " var menat[ till version {until}],",
    "key_result.corrected:target": f"rättade målvärdet för {KEY_RESULT} från {{target_before}} till"
    " {target}[ {unit}], så som det hela tiden var menat[ till version {until}],",
    "key_result.rebased": f"fastställde var {KEY_RESULT}, som förts över, börjar[ ({{changes}})]",
    "key_result.reweighted": f"ändrade vikten för {KEY_RESULT} från {{weight_before}} till"
    " {weight}",
    "key_result.linked": f"kopplade {KEY_RESULT} till nyckeltalet ”{{kpi}}”"
    "[ i stället för ”{kpi_before}”]",
    "key_result.unlinked": f"tog bort kopplingen till nyckeltalet ”{{kpi_before}}” från"
    f" {KEY_RESULT}",
    "key_result.moved": "flyttade nyckelresultatet ”{key_result}” från målet ”{objective_before}”"
    " till målet ”{objective}”",
    "key_result.dropped": "strök nyckelresultatet ”{key_result}” ur målet ”{objective}”",
    "key_result.reinstated": "tog upp det strukna nyckelresultatet ”{key_result}” i målet"
    " ”{objective}” igen",
    "kpi.defined": "definierade nyckeltalet ”{kpi}” ({direction}, i {unit}, avläses {cadence} ur"
    " ”{source}”[, räknar ”{counts}”][, {rule}], ägare {owner})",
    "kpi.renamed": "döpte om nyckeltalet ”{name_before}” till ”{name}”",
    "kpi.reassigned": "lämnade över nyckeltalet ”{kpi}”[ ({changes})]",
    "kpi.purpose_replaced": "ändrade vad nyckeltalet ”{kpi}” är till för[ ({changes})]",
    "kpi.corrected": "rättade nyckeltalet ”{kpi}”[ ({changes})]",
    "kpi.redefined": "definierade om nyckeltalet ”{kpi}” från och med {effective}[ ({changes})]",
    "kpi.target_set": "satte målvärdet för nyckeltalet ”{kpi}”[ till {target}]"
    "[ till mellan {minimum} och {maximum}][ {unit}] för perioden {starts} till {ends},",
    "kpi.retargeted": "ändrade målvärdet för nyckeltalet ”{kpi}”[ från {target_before} till"
    " {target}][ från minst {minimum_before} till minst {minimum}]"
    "[ från högst {maximum_before} till högst {maximum}][ {unit}] för perioden {starts} till"
    " {ends},",
    "kpi.span_split": "ändrade målvärdet för nyckeltalet ”{kpi}”[ till {target}]"
    "[ till mellan {minimum} och {maximum}][ {unit}] för perioden {starts} till {ends}, dagarna"
    " innan behåller sitt,",
    "kpi.target_corrected": "rättade målvärdet för nyckeltalet ”{kpi}”[ från {target_before} till"
    " {target}][ från minst {minimum_before} till minst {minimum}]"
    "[ från högst {maximum_before} till högst {maximum}][ {unit}] för {starts} till {ends}, så som"
    " det hela tiden var menat[ till version {until}],",
    "kpi.source_replaced": "bytte källan för nyckeltalet ”{kpi}” från ”{source_before}” till"
    " ”{source}”",
    "kpi.cadence_replaced": "ändrade takten för nyckeltalet ”{kpi}” från {cadence_before} till"
    " {cadence}",
    "kpi.retired": "avvecklade nyckeltalet ”{kpi}”",
    "kpi.reinstated": "återinförde nyckeltalet ”{kpi}”",
    "reading.recorded": "registrerade {result} för nyckeltalet ”{kpi}”[ ({subject})] per {as_of}[,"
    " enligt dokumentet {link}],",
    "reading.checked_in": f"stämde av {KEY_RESULT} per {{as_of}}[ med {{result}}]"
    "[ och tilltron {also_confidence} av 10][ med tilltron {confidence} av 10][, enligt dokumentet"
    " {link},]",
    "reading.corrected": "rättade avläsningen av {measured} per {as_of}[ från {result_before}"
    " till {result}]",
    "reading.confidence_corrected": "rättade avstämningen av {measured} per {as_of} ({changes})",
    "reading.comment_corrected": "rättade kommentaren till avläsningen av {measured} per {as_of}",
    "reading.evidence_corrected": "rättade avläsningen av {measured} per {as_of} ({changes})",
    "reading.subject_corrected": "rättade avläsningen av {measured} per {as_of} ({changes})",
    "reading.retracted": "tog tillbaka avläsningen[ {result}] av {measured} per {as_of},",
    "approval.requested": "bad om godkännande[ för {what}]",
    "approval.approved": "godkände en begäran[ från {requester}][ om {what}][, ställd med"
    " motiveringen ”{requested_reason}”,]",
    "approval.refused": "avslog en begäran[ från {requester}][ om {what}][, ställd med"
    " motiveringen ”{requested_reason}”,]",
    "approval.withdrawn": "drog tillbaka en begäran om godkännande[ för {what}]",
    "clock.accepted": "godtog serverns klocka",
    "retention.chosen": "bestämde hur länge det sparas[: texter om personer i stängda cykler i "
    "{person_texts_years} år][; klientuppgifter i {client_info_years} år]"
    "[; åtkomstloggen i {access_log_years} år]",
    "retention.replaced": "bestämde hur länge det sparas[: texter om personer i stängda cykler i "
    "{person_texts_years} år][; klientuppgifter i {client_info_years} år]"
    "[; åtkomstloggen i {access_log_years} år]",
    "retention_run.carried_out": "raderade det som sparats länge nog: texter om personer:"
    " {person_texts}, klientuppgifter för kommandon: {client_info}, läsningar i åtkomstloggen: "
    "{reads}, kvar på grund av rättsligt stopp: texter: {held}, läsningar: {reads_held}",
    "retention.access_log_cut": "raderade de äldsta läsningarna i åtkomstloggen, till och med"
    " läsning {cut_at}",
    "text.redacted": "raderade det som skrevs med händelse {at_position} på den rättsliga grunden"
    " ”{legal_ground}”",
    "signing_key.adopted": "antog en nyckel att signera loggens tillstånd med",
    "signing_key.retired": "avvecklade en nyckel som loggens tillstånd signerats med",
    "*": "registrerade en händelse av typen {type}",
}

# Vad en begäran om godkännande gäller, efter kommando.
REQUESTS = {
    "RequireApproval": "att bestämma vad som kräver godkännande i cykeln {cycle}[ ({changes})]",
    "CloseCycle": "att stänga cykeln {cycle}",
    "RescheduleCycle": "att rätta dagarna för cykeln {cycle}[ ({changes})]",
    "GradeObjective": "att betygsätta målet ”{objective}”[ ({changes})]",
    "CommitObjective": "att åta sig målet ”{objective}”",
    "RetitleObjective": "att ändra titeln på målet ”{objective}”[ ({changes})]",
    "RescheduleObjective": "att ändra förfallodagen för målet ”{objective}”[ ({changes})]",
    "ReplaceObjectiveCommitment": "att ändra åtagandegraden för målet ”{objective}”[ ({changes})]",
    "ReassignObjective": "att lämna över målet ”{objective}”[ ({changes})]",
    "RealignObjective": "att rikta om målet ”{objective}”[ ({changes})]",
    "CorrectObjective": "att rätta vikten med vilken målet ”{objective}” är kopplat[ ({changes})]",
    "ReopenObjective": "att ta upp målet ”{objective}” igen",
    "AbandonObjective": "att överge målet ”{objective}”",
    "AddKeyResult": "att lägga nyckelresultatet ”{title}” till målet ”{objective}”[ ({changes})]",
    "RetitleKeyResult": f"att ändra titeln på {KEY_RESULT}[ ({{changes}})]",
    "ReassignKeyResult": f"att lämna över {KEY_RESULT}[ ({{changes}})]",
    "RetargetKeyResult": f"att ändra vad {KEY_RESULT} lovar[ ({{changes}})]",
    "ReweightKeyResult": f"att ändra vikten för {KEY_RESULT}[ ({{changes}})]",
    "CorrectKeyResult": f"att rätta vad {KEY_RESULT} lovar[ ({{changes}})]",
    "LinkKeyResult": f"att ändra vilket nyckeltal som matar {KEY_RESULT}[ ({{changes}})]",
    "MoveKeyResult": f"att flytta {KEY_RESULT}[ ({{changes}})]",
    "DropKeyResult": f"att stryka {KEY_RESULT}",
    "ReinstateKeyResult": f"att ta upp {KEY_RESULT} igen",
    "RetireKpi": "att avveckla nyckeltalet ”{kpi}”",
    "ReinstateKpi": "att återinföra nyckeltalet ”{kpi}”",
    "CorrectKpi": "att rätta nyckeltalet ”{kpi}”[ ({changes})]",
    "CorrectKpiTarget": "att rätta målvärdet för nyckeltalet ”{kpi}” för perioden från {starts}"
    "[ ({changes})]",
    "ErasePerson": "att radera {person} ur katalogen på den rättsliga grunden ”{legal_ground}”",
    "DeactivatePerson": "att avaktivera {person}[ ({changes})]",
    "ReactivatePerson": "att återaktivera {person}[ ({changes})]",
    "PlaceLegalHold": "att införa ett bevarandekrav för {person} i ärendet ”{matter}”",
    "LiftLegalHold": "att häva bevarandekravet för {person} i ärendet ”{matter}”",
    "RedactText": "att radera det som skrevs med händelse {at_position} på den rättsliga grunden"
    " ”{legal_ground}”",
}

PHRASES = {
    "sentence": "{who}[, på uppdrag av {behalf},] {deed} {day} kl. {time} {origin}"
    "[ från {address}][, med motiveringen ”{reason}”][, med kommentaren ”{comment}”]"
    "[; texten raderades {redacted_on} på grunden ”{redacted_ground}”].",
    "approved sentence": "{behalf}, med godkännande av {who}, {deed} {day} kl. {time} {origin}"
    "[ från {address}][, efter en begäran med motiveringen ”{reason}”][, med kommentaren"
    " ”{comment}”][; texten raderades {redacted_on} på grunden ”{redacted_ground}”].",
    "former colleague": "tidigare kollega",
    "a former colleague": "en tidigare kollega",
    "themself": "sig själv",
    "someone": "okr-es självt",
    "nothing": "inget",
    "confidential": "konfidentiellt",
    "end of its cycle": "cykelns slut",
    "owner of its objective": "målets ägare",
    "yes": "ja",
    "no": "nej",
    "top": "toppen",
    "below": "”{above}”",
    "key result": KEY_RESULT,
    "objective": "målet ”{objective}”",
    "kpi": "nyckeltalet ”{kpi}”",
    "aligned key result": "nyckelresultatet ”{key_result}”",
    "metric": "{baseline} till {target}[ {unit}]",
    "at_least": "minst {target}[ {unit}]",
    "at_most": "högst {target}[ {unit}]",
    "within": "{minimum} till {maximum}[ {unit}], att hålla",
    "no target": "inget",
    "sum": "varje period efter summan av avläsningarna",
    "mean": "varje period efter medelvärdet av avläsningarna",
    "worst": "varje period efter den sämsta avläsningen",
    "milestone": "{steps}",
    "milestone without steps": "klart eller inte",
    "ordinal": "{zones}",
    "value": "{value}[ {unit}]",
    "steps": "{value} av {most} steg",
    "zone": "zonen {zone}",
    "change": "{field} från {before} till {after}",
    "beginning": "{field} {after}",
    "end": "{field} borttaget, tidigare {before}",
    "kpis": "{count} KPI:er",
    "no last day": "ingen sista dag",
    "holidays": "{count} dagar från {first} till {last}",
    "grace": "{days} ({cadence})",
    "zones": "åtagande: {commit}; mål: {target}; sträckmål: {stretch}",
    "point": "{share} {on}",
}

FIELDS = {
    "name": "namn", "starts": "första dag", "ends": "sista dag",
    "plan_committed": "planen fastställd", "closed": "stängd",
    "closing_position": "stängd vid position",
    "kind": "slag", "parent_id": "överordnat team", "disbanded": "upplöst",
    "legal_ground": "rättslig grund", "erased": "raderad",
    "on_track": "gräns för i fas", "at_risk": "gräns för i riskzonen",
    "yellow_from": "gräns för gult", "not_measured": "det som inte är mätt",
    "committed_expected": "betyg som väntas av åtaganden",
    "aspirational_expected": "betyg som väntas av ambitioner",
    "cycle_id": "cykel", "team_id": "team", "owner_id": "ägare", "title": "titel",
    "description": "beskrivning",
    "person_id": "person", "role": "roll", "kpi_ids": "KPI:er", "created_by": "gjord av",
    "revoked": "återkallad",
    "people_figures": "personuppgifter",
    "confidential": "konfidentiellt",
    "commitment": "åtagandegrad", "due": "förfallodag", "effective": "gäller från",
    "carried_from": "överfört från",
    "carried_to": "överfört till", "aligned_to_objective_id": "kopplat till målet",
    "aligned_to_key_result_id": "kopplat till nyckelresultatet", "weight": "vikt", "state": "läge",
    "graded": "betygsatt", "adjusted_grade": "justerat betyg", "objective_id": "mål",
    "baseline": "utgångsvärde", "target": "målvärde", "unit": "enhet", "steps": "steg",
    "zones": "zoner", "cadence": "takt", "trajectory": "bana", "kpi_id": "nyckeltal",
    "dropped": "struket", "direction": "riktning", "source": "källa", "purpose": "syfte",
    "retired": "avvecklat", "minimum": "minsta värde", "maximum": "högsta värde",
    "measured_id": "mäter", "as_of": "per", "value": "värde", "zone": "zon",
    "confidence": "tilltro", "retracted": "tillbakataget", "holds": "bevarandekrav",
    "active": "aktiv", "deputy_id": "ersättare", "deputy_starts": "ersättare från",
    "deputy_ends": "ersättare till",
    "approval_required": "kräver godkännande", "action": "åtgärd", "command": "kommando",
    "counts": "räknar", "aggregation": "periodens värde",
    "subject": "del", "evidence": "dokument",
    "fields": "fält", "asked_by": "begärt av", "asked_for": "begärt för",
    "working_days": "arbetsdagar", "holidays": "helgdagar", "valid_from": "gäller från",
    "first_month": "årets första månad", "two_weeks_from": "tvåveckorsperioder från",
    "grace": "frist i arbetsdagar",
    "known_at": "beslutat vid position", "decision": "beslut",
}  # fmt: skip

CADENCES = {
    "daily": "dagligen", "weekly": "veckovis", "every_two_weeks": "varannan vecka",
    "monthly": "månadsvis",
    "quarterly": "kvartalsvis", "half_yearly": "halvårsvis", "yearly": "årsvis",
    "per_project": "en gång per projekt",
}  # fmt: skip

WORDS = {
    "kind": {
        "company": "företag", "department": "avdelning", "team": "team",
        "metric": "mätetal", "milestone": "milstolpe", "ordinal": "stegvis",
    },
    "people_figures": {
        "off": "inga",
        "own_and_leads": "för personen själv och dess ledare",
        "hr_too": "för personen själv, dess ledare och HR",
    },
    "legal_ground": {
        "not_needed": "det behövs inte längre", "consent_withdrawn": "samtycket återkallades",
        "objection": "personen invände", "unlawful": "det var olagligt",
        "legal_duty": "en lag kräver det",
    },
    "role": {
        "lead": "ledare", "hr": "HR", "auditor": "revisor", "administrator": "administratör",
        "member": "medlem", "ingest_key": "mätnyckel",
    },
    "approval_required": {
        "closing": "stängning", "adjusted_grades": "justerade betyg",
        "plan_revisions": "ändringar av den fastställda planen",
    },
    "commitment": {"committed": "åtagande", "aspirational": "ambition"},
    "state": {
        "draft": "utkast", "committed": "åtaget", "carried_over": "överfört",
        "abandoned": "övergivet",
    },
    "direction": {
        "increase": "ska öka", "decrease": "ska minska", "at_least": "minst målvärdet",
        "at_most": "högst målvärdet", "within": "inom gränser",
    },
    "cadence": CADENCES,
    "not_measured": {"counts_zero": "räknas som 0", "left_out": "utelämnas"},
    "aggregation": {
        "last": "sista avläsningen", "sum": "summa", "mean": "medelvärde",
        "worst": "sämsta avläsningen",
    },
    "working_days": {
        "monday": "måndag", "tuesday": "tisdag", "wednesday": "onsdag",
        "thursday": "torsdag", "friday": "fredag", "saturday": "lördag", "sunday": "söndag",
    },
    "zone": {"none": "ingen", "commit": "åtagande", "target": "mål", "stretch": "sträckmål"},
}  # fmt: skip

VOCABULARY = Vocabulary(
    deeds=DEEDS,
    requests=REQUESTS,
    phrases=PHRASES,
    fields=FIELDS,
    words=WORDS,
    origins={
        "api": "via API:et",
        "cli": "på maskinens kommandorad",
        "page": "på en sida",
        "import": "genom en import",
        "job": "genom ett jobb",
        "seed": "genom uppläggningen av loggen",
    },
    months=(
        "januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september",
        "oktober", "november", "december",
    ),
    day="den {day} {month} {year}",
    quotes=("”", "”"),
    group="\N{NO-BREAK SPACE}",
    point=",",
    minus="\N{MINUS SIGN}",
)  # fmt: skip
