/** Looks at the rules when they are due, and begins and ends their alerts. */
import type { ConditionWatch, CreateConditionWatch, SignalReader } from "../signals/contract.ts";
import type { AlertRuleSettings } from "../snapshot/alert-settings.ts";
import type { AlertBook } from "./alert-book.ts";
import type { AlertListener, AlertView } from "./contract.ts";
import { explanationOf, ruleNotice } from "./rule-notice.ts";
import { step, subjectKey, type RuleLife, type RuleLives } from "./rule-life.ts";

/** Subjects of one rule that are pending or firing at once. */
export const MAX_SUBJECTS = 500;

interface Running {
  settings: AlertRuleSettings;
  watch: ConditionWatch;
  lives: RuleLives;
  dueMs: number;
  /** Fired before the start, and nobody was told since. */
  readonly restored: Set<string>;
}

export interface RuleRunnerDeps {
  readonly reader: SignalReader;
  readonly watch: CreateConditionWatch;
  readonly book: AlertBook;
  readonly onFiring: AlertListener;
  /** An alert began or says something else; the first time it is to be routed. */
  readonly began: (key: string, nowMs: number) => void;
  readonly ended: (key: string, nowMs: number) => void;
}

export interface RuleRunner {
  apply(rules: readonly AlertRuleSettings[], nowMs: number): void;
  tick(nowMs: number): void;
  pending(): readonly Omit<AlertView, "silencedBy" | "receivers">[];
  /** Subjects that were too many. */
  readonly dropped: number;
}

/** No rules yet. Alerts of rules that the book knows as firing go on where a rule of their name is
 * applied first, and end where there is none. */
export function createRuleRunner(deps: RuleRunnerDeps): RuleRunner {
  return new Runner(deps);
}

class Runner implements RuleRunner {
  readonly #deps: RuleRunnerDeps;
  #rules = new Map<string, Running>();
  #dropped = 0;

  constructor(deps: RuleRunnerDeps) {
    this.#deps = deps;
  }

  get dropped(): number {
    return this.#dropped;
  }

  apply(rules: readonly AlertRuleSettings[], nowMs: number): void {
    const before = this.#rules;
    this.#rules = new Map(
      rules.map((settings) => [
        settings.name,
        this.#take(before.get(settings.name), settings, nowMs),
      ]),
    );
    for (const { notice, firing, rule } of this.#deps.book.all()) {
      if (!rule || !firing) continue;
      const life = this.#rules.get(rule.name)?.lives.get(subjectKey(rule.subject));
      if (life?.state !== "firing") this.#end(rule.name, notice.key, life, nowMs);
      else this.#begin(this.#rules.get(rule.name)!.settings, life, nowMs);
    }
  }

  #take(before: Running | undefined, settings: AlertRuleSettings, nowMs: number): Running {
    const { condition, intervalMs } = settings;
    const isSame =
      before?.settings.condition.text === condition.text &&
      before.settings.intervalMs === intervalMs;
    if (before && isSame) return Object.assign(before, { settings });
    const firing = before
      ? [...before.lives].filter(([, { state }]) => state === "firing")
      : this.#remembered(settings, nowMs);
    return {
      settings,
      watch: this.#deps.watch(condition.expression, this.#deps.reader, {}),
      lives: new Map(firing),
      dueMs: nowMs,
      restored: new Set(before ? [] : firing.map(([key]) => key)),
    };
  }

  #remembered({ name }: AlertRuleSettings, nowMs: number): [string, RuleLife][] {
    return this.#deps.book.all().flatMap(({ notice, firing, sinceMs, rule }) => {
      if (!firing || rule?.name !== name) return [];
      const { startedAtMs } = notice;
      const explanation = explanationOf(notice);
      const times = { sinceMs, startedAtMs, lastTrueAtMs: nowMs, lastSeenAtMs: nowMs };
      const life = { subject: rule.subject, state: "firing", ...times, explanation } as const;
      return [[subjectKey(rule.subject), life]];
    });
  }

  tick(nowMs: number): void {
    for (const rule of this.#rules.values()) {
      const { intervalMs } = rule.settings;
      if (rule.dueMs > nowMs && rule.dueMs <= nowMs + intervalMs) continue;
      // On the grid, so that looks are as far apart as the condition counts them.
      const isLate = nowMs - rule.dueMs >= intervalMs || rule.dueMs > nowMs;
      const lookMs = isLate ? nowMs : rule.dueMs;
      rule.dueMs = lookMs + intervalMs;
      this.#look(rule, lookMs, nowMs);
    }
  }

  #look(rule: Running, lookMs: number, nowMs: number): void {
    const { settings } = rule;
    const limits = { keepFiringMs: settings.keepFiringMs, maxSubjects: MAX_SUBJECTS };
    const after = step(rule.lives, rule.watch.look(lookMs), lookMs, limits);
    this.#dropped += after.dropped;
    rule.lives = after.lives;
    for (const life of after.ended) {
      this.#end(settings.name, keyOf(settings.name, life), life, nowMs);
    }
    for (const [key, life] of after.lives) {
      if (life.state !== "firing") continue;
      const isNew = this.#begin(settings, life, nowMs);
      if (!isNew && !(rule.restored.has(key) && life.lastTrueAtMs === lookMs)) continue;
      rule.restored.delete(key);
      const labels = this.#deps.book.get(keyOf(settings.name, life))?.notice.labels ?? {};
      this.#deps.onFiring(settings.name, labels, life.subject, "firing");
    }
  }

  /** Whether it began just now. */
  #begin(settings: AlertRuleSettings, life: RuleLife, nowMs: number): boolean {
    const { book, began } = this.#deps;
    const { name } = settings;
    const notice = ruleNotice(settings, life, keyOf(name, life));
    const before = book.get(notice.key);
    const rule = { name, subject: life.subject };
    const record = book.begin(notice, { named: undefined, rule }, nowMs);
    if (!record || before?.firing) return false;
    began(notice.key, nowMs);
    return true;
  }

  #end(name: string, key: string, life: RuleLife | undefined, nowMs: number): void {
    const record = this.#deps.book.end(key, undefined, nowMs);
    if (!record) return;
    this.#deps.ended(key, nowMs);
    const subject = life?.subject ?? record.rule?.subject ?? {};
    this.#deps.onFiring(name, record.notice.labels, subject, "resolved");
  }

  pending(): Omit<AlertView, "silencedBy" | "receivers">[] {
    return [...this.#rules.values()].flatMap(({ settings, lives }) =>
      [...lives.values()].flatMap((life) => {
        if (life.state !== "pending") return [];
        const notice = ruleNotice(settings, life, keyOf(settings.name, life));
        const { sinceMs } = life;
        return [{ ...notice, state: "pending" as const, sinceMs, acknowledgedBy: undefined }];
      }),
    );
  }
}

/** `NAME{upstream=api}`. */
function keyOf(rule: string, { subject }: Pick<RuleLife, "subject">): string {
  return `${rule}{${subjectKey(subject)}}`;
}
