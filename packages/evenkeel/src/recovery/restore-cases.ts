/** Cases as they are after a start, by what the history says. */
import type { History, Incident } from "../history/contract.ts";
import type { Case } from "./case.ts";
import type { CaseBook } from "./case-book.ts";
import type { Levers } from "./contract.ts";
import { deedsOf } from "./resume.ts";
import { ownerOf } from "./run-facts.ts";
import { subjectOf } from "./subject.ts";

/** Makes good what was cut off: an incident that no case follows gets one, a case whose incident is
 * resolved is closed, attempts and what was done are as the ledger has them. `isUnderWay`: the run
 * goes on, and tells itself what it did. Throws `HistoryUnavailable`. */
export function restoreCases(
  book: CaseBook,
  { incidents, ledger }: History,
  look: Levers["look"],
  isUnderWay: (run: string) => boolean,
): void {
  const runsOf = ({ plan, object, detectedAtMs }: Case): readonly string[] =>
    ledger
      .runsSince(ownerOf(plan), detectedAtMs)
      .flatMap((run) => (run.object === object ? [run.run] : []));

  for (const one of book.all()) {
    const known = incidents.get(one.incident)?.incident;
    if (!known || (known.state === "resolved" && !one.over)) book.close(one);
  }
  for (const incident of incidents.openOnes()) {
    const { plan, id } = incident;
    if (plan === undefined || book.byIncident(id)) continue;
    book.save(caseOf(incident, plan, look));
  }
  for (const one of book.all()) {
    const runs = runsOf(one);
    const over = runs.filter((run) => !isUnderWay(run));
    const deed = over.flatMap((run) => deedsOf(ledger.ofRun(run))).join(", ");
    book.save({ ...one, attempts: Math.max(one.attempts, runs.length), deed });
  }
}

function caseOf(incident: Incident, plan: string, look: Levers["look"]): Case {
  const { id, object, faultAtMs, detectedAtMs, mitigatedAtMs, state, handling } = incident;
  return {
    plan,
    object,
    subject: subjectOf(object, look(object)),
    incident: id,
    state: state === "mitigated" ? "mitigated" : "open",
    faultAtMs,
    detectedAtMs,
    attempts: 0,
    fineSinceMs: mitigatedAtMs,
    paged: handling === "human",
    refusal: undefined,
    dismissed: false,
    over: false,
    deed: "",
  };
}
