/**
 * The engine of recovery plans: looks at triggers, asks the guard rails, begins runs, follows
 * incidents to their end.
 */
import { HistoryUnavailable } from "../history/contract.ts";
import type { PlanSettings, RecoverySettings } from "../snapshot/plan-settings.ts";
import type { SignalSubject } from "../signals/contract.ts";
import { createAlertTriggers } from "./alert-triggers.ts";
import { lookAt, type Case, type Observation } from "./case.ts";
import { createCaseBook } from "./case-book.ts";
import type { RunEnd } from "./conduct.ts";
import type { Deed, PlanView, Recovery } from "./contract.ts";
import type { RecoveryDeps } from "./deps.ts";
import { createFreezing, type Frozen } from "./freezing.ts";
import type { Refusal } from "./guard.ts";
import { createIncidentDesk } from "./incident-desk.ts";
import { createPlanEye, type PlanEye, type Sighting } from "./plan-eye.ts";
import { createPlanGuard, orUnknown } from "./plan-guard.ts";
import { planView, rememberProof, rememberRun } from "./plan-views.ts";
import { restoreCases } from "./restore-cases.ts";
import { forgetEnds, rememberEnd } from "./run-ends.ts";
import type { RunFacts } from "./run-facts.ts";
import { createRunTable } from "./run-table.ts";
import { lasting, objectOf, subjectOf } from "./subject.ts";
import { firstTarget } from "./trigger.ts";
import { actionInWords } from "./wording.ts";

const FREEZE_KEY = "recovery/freeze";

/** The engine over a history. Nothing is done before `apply`. */
export function createRecovery(deps: RecoveryDeps): Recovery {
  return new Engine(deps);
}

class Engine implements Recovery {
  readonly #deps: RecoveryDeps;
  readonly #book;
  readonly #freezing;
  readonly #desk;
  readonly #runs;
  readonly #guard;
  readonly #alerts = createAlertTriggers();
  #eyes = new Map<string, PlanEye>();
  #settings: RecoverySettings = {
    plans: [],
    freeze: { runs: 1, windowMs: 1, unhealthyPercent: 0 },
  };
  /** By incident. */
  readonly #followers = new Map<number, { readonly plan: PlanSettings; readonly look: Follower }>();
  #takenUp = false;
  #closed = false;
  readonly #refused = new Map<string, Refusal>();

  constructor(deps: RecoveryDeps) {
    this.#deps = deps;
    this.#book = createCaseBook(deps.history.memory);
    this.#freezing = createFreezing(deps.history.memory);
    this.#desk = createIncidentDesk(deps);
    this.#runs = createRunTable({
      ...deps,
      follow: (facts) => this.#follow(facts),
      acted: ({ plan }) => this.#eyes.get(plan.name)?.clear(),
      ended: (facts, end) => this.#ended(facts, end),
    });
    this.#guard = createPlanGuard(deps, this.#runs, this.#freezing);
  }

  apply(settings: RecoverySettings): void {
    const before = this.#eyes;
    this.#settings = settings;
    this.#eyes = new Map(
      settings.plans.map((plan) => {
        const old = before.get(plan.name);
        const same = old && JSON.stringify(old.plan) === JSON.stringify(plan);
        return [plan.name, same ? old : createPlanEye(plan, this.#alerts, this.#deps)];
      }),
    );
    for (const [name] of before) {
      if (this.#active(name)) continue;
      for (const run of this.#runs.ofPlan(name)) run.cancel("its plan was removed or switched off");
    }
    this.#takeUp();
    for (const one of this.#book.all()) if (!this.#active(one.plan)) this.#drop(one);
  }

  tick(nowMs: number): void {
    if (this.#closed) return;
    this.#takeUp();
    for (const eye of this.#eyes.values()) {
      if (eye.plan.mode === "off") continue;
      const seen = eye.look(nowMs);
      for (const sighting of seen.values()) this.#detect(eye.plan, sighting);
      for (const one of this.#book.all()) {
        if (one.plan === eye.plan.name) this.#lookAt(one, eye.plan, seen.get(one.object), nowMs);
      }
    }
    const { memory } = this.#deps.history;
    forgetEnds(memory, nowMs, (name) => this.#planOf(name)?.limits.cooldownMs ?? 0);
  }

  alert(
    name: string,
    labels: Readonly<Record<string, string>>,
    subject: SignalSubject,
    state: "firing" | "resolved",
  ): void {
    const nowMs = this.#deps.clock.nowMs();
    for (const plan of this.#settings.plans) {
      const known = this.#known(subject);
      const object = objectOf(known) || firstTarget(plan);
      this.#alerts.tell([plan], { name, labels }, { object, subject: known }, { state, nowMs });
    }
  }

  plans(): readonly PlanView[] {
    const facts = {
      runs: this.#runs,
      freezing: this.#freezing,
      memory: this.#deps.history.memory,
      nowMs: this.#deps.clock.nowMs(),
      refused: (plan: string) => this.#refused.get(plan),
    };
    return this.#settings.plans.map((plan) => planView(plan, facts));
  }

  runs(): ReturnType<Recovery["runs"]> {
    return this.#runs.views();
  }

  trigger(name: string, object: string, who: string): Deed {
    const plan = this.#planOf(name);
    if (!plan) return no(`there is no plan ${name}`);
    const facts = this.#deps.levers.look(object);
    if (!facts) return no(`there is no ${object}`);
    if (this.#runs.find(name, object)) return no(`${name} is at work on ${object} already`);
    const known = this.#book.find(name, object);
    const one = known ?? this.#openByHand(plan, object, who);
    this.#desk.note(one.incident, "operator", `${who} runs ${name} on ${object}`);
    this.#deps.history.incidents.change(one.incident, { handling: "human" });
    const refusal = this.#refusal(plan, one, true);
    if (refusal) {
      this.#desk.note(one.incident, "verdict", `refused: ${refusal.sentence}`);
      return no(refusal.sentence);
    }
    return this.#begin(plan, one, `${who} asked for it`, who);
  }

  answer(id: string, answer: "go" | "stop", who: string): Deed {
    const run = this.#runs.byId(id);
    if (!run) return no(`there is no run ${id}`);
    return run.answer(answer === "go", who) ? yes : no(`run ${id} asks nothing`);
  }

  freeze(who: string, reason: string): void {
    this.#freezing.freeze({ by: who, reason, atMs: this.#deps.clock.nowMs() });
    this.#deps.log.warn({ by: who }, `all plans are frozen: ${reason}`);
  }

  thaw(who: string): void {
    if (!this.#freezing.thaw(this.#deps.clock.nowMs())) return;
    this.#deps.log.warn({ by: who }, "plans are thawed");
    this.#tellOfFreeze("over", `${who} thawed all plans`);
    for (const one of this.#book.all()) {
      if (one.refusal === "frozen") this.#book.save({ ...one, refusal: undefined });
    }
  }

  frozen(): Frozen | undefined {
    return this.#freezing.now();
  }

  acknowledge(incident: number, who: string): Deed {
    const known = this.#deps.history.incidents.get(incident);
    if (!known) return no(`there is no incident ${incident}`);
    this.#deps.history.incidents.change(incident, { acknowledgedBy: who });
    this.#desk.note(incident, "operator", `${who} has seen it`);
    return yes;
  }

  resolve(incident: number, who: string): Deed {
    const known = this.#deps.history.incidents.get(incident);
    if (!known) return no(`there is no incident ${incident}`);
    if (known.incident.state === "resolved") return no(`incident ${incident} is resolved already`);
    const nowMs = this.#deps.clock.nowMs();
    const one = this.#book.byIncident(incident);
    if (!one) {
      this.#desk.note(incident, "operator", `${who} says that it is over`);
      this.#deps.history.incidents.change(incident, { handling: "human" });
      this.#deps.history.incidents.change(incident, { state: "resolved", resolvedAtMs: nowMs });
      return yes;
    }
    this.#runs.find(one.plan, one.object)?.cancel(`${who} says that it is over`);
    this.#desk.closed(one, nowMs, `${who} says that it is over`, this.#planOf(one.plan));
    this.#book.save({ ...one, dismissed: true, over: true });
    return yes;
  }

  proven(plan: string, atMs: number): void {
    rememberProof(this.#deps.history.memory, plan, atMs);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#runs.leave();
  }

  /** What an Evenkeel before left; until that is done nothing is begun. */
  #takeUp(): void {
    if (this.#takenUp) return;
    const { history, levers } = this.#deps;
    try {
      if (!this.#runs.takeUp((name) => this.#planOf(name))) return;
      const look = (name: string) => levers.look(name);
      restoreCases(this.#book, history, look, (run) => this.#runs.byId(run) !== undefined);
      this.#takenUp = true;
    } catch (error) {
      // The history says so itself; the next look tries again.
      if (!(error instanceof HistoryUnavailable)) throw error;
    }
  }

  #planOf(name: string): PlanSettings | undefined {
    return this.#eyes.get(name)?.plan;
  }

  #active(name: string): boolean {
    const plan = this.#planOf(name);
    return plan !== undefined && plan.mode !== "off";
  }

  /** Who posts alerts may name things that are not here: what is left is what the plan names. */
  #known(subject: SignalSubject): SignalSubject {
    const object = objectOf(subject);
    return object !== "" && this.#deps.levers.look(object) ? lasting(subject) : {};
  }

  #detect(plan: PlanSettings, seen: Sighting): void {
    if (seen.truth !== "true" || this.#book.find(plan.name, seen.object)) return;
    // Nothing has gone wrong yet with what comes up for the first time.
    if (this.#deps.levers.look(seen.object)?.starting === "first") return;
    const { trigger } = plan;
    const title = trigger.kind === "alert" ? `alert ${trigger.alert}` : trigger.condition.text;
    this.#book.save(this.#desk.open(plan, seen, title));
  }

  #openByHand(plan: PlanSettings, object: string, who: string): Case {
    const nowMs = this.#deps.clock.nowMs();
    const subject = subjectOf(object, this.#deps.levers.look(object));
    const explanation = `${who} asked for it`;
    const seen = { object, subject, sinceMs: nowMs, faultAtMs: nowMs, explanation };
    const one = this.#desk.open(plan, seen, `${plan.name} by hand`);
    this.#book.save(one);
    return one;
  }

  #lookAt(one: Case, plan: PlanSettings, sighting: Sighting | undefined, nowMs: number): void {
    const seen = this.#follower(one, plan)(nowMs);
    const lasting = sighting?.truth === "true";
    const running = this.#runs.find(plan.name, one.object) !== undefined;
    const { graceMs } = plan.limits;
    const { next, deeds } = lookAt(one, seen, { nowMs, graceMs, running, lasting });
    this.#book.save(next);
    for (const deed of deeds) {
      if (next.over && deed.kind !== "resolved") continue;
      switch (deed.kind) {
        case "act":
          this.#consider(plan, next, seen);
          break;
        case "mitigated":
          this.#desk.mitigated(next, deed.atMs);
          break;
        case "reopened":
          this.#desk.reopened(next, seen.explanation);
          break;
        case "resolved":
          if (!next.over) this.#desk.resolved(next, deed.atMs, plan);
          this.#close(next);
      }
    }
  }

  /** An open case is judged by the trigger without its `for`, which begins anew with each action. */
  #follower({ incident, object, subject }: Case, plan: PlanSettings): Follower {
    let found = this.#followers.get(incident);
    if (found?.plan !== plan) {
      const look = createPlanEye(plan, this.#alerts, this.#deps).follow(object, subject);
      this.#followers.set(incident, (found = { plan, look }));
    }
    return found.look;
  }

  #consider(plan: PlanSettings, one: Case, seen: Observation): void {
    const refusal = this.#refusal(plan, one, false);
    if (plan.mode === "dry_run") return this.#wouldHave(plan, one, refusal);
    if (refusal) return this.#refuse(plan, one, refusal);
    const begun = this.#begin(plan, one, seen.explanation, undefined);
    if (begun.ok) return;
    const answer = this.#deps.history.problem() === undefined ? "wait" : "page";
    this.#refuse(plan, one, { rule: "history", sentence: begun.problem, answer });
  }

  #wouldHave(plan: PlanSettings, one: Case, refusal: Refusal | undefined): void {
    if (one.refusal === "dry_run") return;
    const steps = plan.steps.map(({ action }) =>
      actionInWords(action, this.#guard.aim(action, one.object)),
    );
    const text = refusal
      ? `dry run: would have been refused: ${refusal.sentence}`
      : `dry run: would have done: ${steps.join(", then ")}`;
    this.#desk.note(one.incident, "verdict", text);
    this.#deps.log.info({ plan: plan.name, object: one.object, incident: one.incident }, text);
    this.#book.save({ ...one, refusal: "dry_run" });
  }

  /** Told once each time the rule changes. */
  #refuse(plan: PlanSettings, one: Case, refusal: Refusal): void {
    this.#refused.set(plan.name, refusal);
    let now = one;
    if (one.refusal !== refusal.rule) {
      // Who was called for all of them, or froze them, was needed for this one too.
      if (refusal.rule === "frozen") {
        this.#deps.history.incidents.change(one.incident, { handling: "human" });
      }
      this.#desk.note(one.incident, "verdict", `refused: ${refusal.sentence}`);
      now = { ...now, refusal: refusal.rule };
    }
    if (this.#needsPerson(plan, one, refusal)) now = this.#desk.page(now, plan, refusal.sentence);
    this.#book.save(now);
  }

  /** What is out may be back in a moment: the blast radius gets the grace before a person is called. */
  #needsPerson(
    { limits }: PlanSettings,
    { detectedAtMs }: Case,
    { answer, rule }: Refusal,
  ): boolean {
    if (answer !== "page") return false;
    const ageMs = this.#deps.clock.nowMs() - detectedAtMs;
    return rule !== "blast_radius" || ageMs >= limits.graceMs;
  }

  #refusal(plan: PlanSettings, one: Case, byHand: boolean): Refusal | undefined {
    if (!this.#takenUp) {
      const sentence = "what was left unfinished before is not taken up yet";
      return { rule: "history", sentence, answer: "wait" };
    }
    return orUnknown(() => {
      const refusal = this.#guard.refusal(plan, one, byHand);
      if (byHand || plan.mode === "dry_run") return refusal;
      // So much is out that each of them would call a person: one call for all says more.
      const many = refusal !== undefined && this.#needsPerson(plan, one, refusal);
      const mayFreeze = !refusal || (many && refusal.rule === "blast_radius");
      return (mayFreeze ? this.#freezeIfTooMuch(plan, one.object) : undefined) ?? refusal;
    });
  }

  #freezeIfTooMuch(plan: PlanSettings, object: string): Refusal | undefined {
    const reason = this.#guard.freezeReason(this.#settings, object);
    if (reason === undefined) return undefined;
    this.freeze("evenkeel", reason);
    this.#tellOfFreeze("page", `all recovery plans are frozen: ${reason}`, plan);
    return { rule: "frozen", sentence: `all plans are frozen: ${reason}`, answer: "quiet" };
  }

  #tellOfFreeze(kind: "page" | "over", summary: string, plan?: PlanSettings): void {
    const details =
      "what is wrong: evenkeel incidents\nthen: evenkeel plans thaw lets plans act again";
    const receivers = plan?.onFailure ?? [];
    const about = { plan: plan?.name ?? "", incident: undefined, object: "" };
    const atMs = this.#deps.clock.nowMs();
    this.#deps.notify({ kind, key: FREEZE_KEY, ...about, summary, details, receivers, atMs });
  }

  #begin(plan: PlanSettings, one: Case, reason: string, by: string | undefined): Deed {
    const { object, subject, incident } = one;
    const asks = plan.mode === "approve" && by === undefined;
    const begun = this.#runs.begin({ plan, object, subject, incident, reason, by, asks });
    if (!begun.ok) return begun;
    this.#refused.delete(plan.name);
    rememberRun(this.#deps.history.memory, plan.name, this.#deps.clock.nowMs());
    this.#book.save({ ...one, attempts: one.attempts + 1, refusal: undefined, dismissed: false });
    return begun;
  }

  #follow(facts: RunFacts): Follower {
    const { plan, object, subject } = facts;
    // As it was when the run began: a changed trigger would judge something else.
    const look = createPlanEye(plan, this.#alerts, this.#deps).follow(object, subject);
    if (plan.trigger.kind === "condition") return look;
    return (nowMs) => {
      const seen = look(nowMs);
      // Who tells of alerts tells late of their end: that it has not come proves nothing.
      return seen.truth === "true" ? { ...seen, truth: "unknown" } : seen;
    };
  }

  #ended({ plan, object, incident, id }: RunFacts, end: RunEnd): void {
    const { clock, history, log } = this.#deps;
    const nowMs = clock.nowMs();
    rememberEnd(history.memory, plan.name, object, nowMs);
    const text = `run ${id.slice(0, 8)} ${end.outcome}: ${end.text}`;
    this.#desk.note(incident, "verdict", text);
    log.info({ run: id, plan: plan.name, object, incident, outcome: end.outcome }, text);
    const one = this.#book.byIncident(incident);
    if (!one) return;
    const deed = [one.deed, end.deed].filter((part) => part !== "").join(", ");
    const now: Case = { ...one, deed };
    if (end.outcome === "mitigated") return this.#mitigated(now, end, nowMs);
    const dismissed = end.outcome === "stopped" || end.outcome === "aborted";
    if (dismissed) history.incidents.change(incident, { handling: "human" });
    const after = { ...now, dismissed: now.dismissed || dismissed, fineSinceMs: undefined };
    this.#book.save(end.handOff === undefined ? after : this.#desk.page(after, plan, end.handOff));
  }

  #mitigated(one: Case, { fineSinceMs }: RunEnd, nowMs: number): void {
    const atMs = Math.min(nowMs, Math.max(fineSinceMs ?? nowMs, one.detectedAtMs));
    const now: Case = { ...one, state: "mitigated", fineSinceMs: atMs };
    this.#desk.mitigated(now, atMs);
    this.#book.save(now);
  }

  /** Its plan is gone or off: nobody follows it any more. */
  #drop(one: Case): void {
    const why = "its plan was removed or switched off; whether it is well nobody looks";
    this.#desk.closed(one, this.#deps.clock.nowMs(), why, undefined);
    this.#close(one);
  }

  #close(one: Case): void {
    this.#book.close(one);
    this.#followers.delete(one.incident);
    this.#refused.delete(one.plan);
  }
}

type Follower = (nowMs: number) => Observation;

const yes: Deed = { ok: true };
const no = (problem: string): Deed => ({ ok: false, problem });
