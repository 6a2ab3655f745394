/** Which receivers an alert goes to, and with which others it is told. */
import type {
  AlertRouteSettings,
  AlertSettings,
  ReceiverSettings,
} from "../snapshot/alert-settings.ts";
import { formatLabels, matches, pick, type Labels } from "./labels.ts";

/** A way to receivers: a route, or what a notice that names its receivers takes. */
export interface Way {
  /** The same over restarts and changes of what does not make it another way. */
  readonly key: string;
  readonly receivers: readonly string[];
  readonly groupBy: readonly string[] | undefined;
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatMs: number;
}

/** An Alertmanager groups and repeats by itself: it is told of everything at once, and again before
 * it takes an alert for over. */
const feed = { groupBy: [], groupWaitMs: 0, groupIntervalMs: 5000, repeatMs: 60_000 } as const;

/** Of those that name their receivers: as P0 is told where no route says otherwise. */
const direct = {
  groupBy: undefined,
  groupWaitMs: 0,
  groupIntervalMs: 30_000,
  repeatMs: 3_600_000,
} as const;

/** The ways of an alert: none where nobody is told, two where an Alertmanager is among the
 * receivers. `named` are receivers it asks for itself. */
export function waysOf(
  labels: Labels,
  named: readonly string[] | undefined,
  settings: Pick<AlertSettings, "routes" | "receivers">,
): readonly Way[] {
  const chosen = named && resolveReceivers(named, settings.receivers);
  if (chosen && chosen.length > 0) {
    return split({ ...direct, key: `receivers ${chosen.join(",")}`, receivers: chosen }, settings);
  }
  const route = settings.routes.find(({ match }) => matches(match, labels));
  return route ? split(wayOf(route), settings) : [];
}

function wayOf({ match, ...rest }: AlertRouteSettings): Way {
  return { key: formatLabels(match), ...rest };
}

function split(
  way: Way,
  { receivers }: { readonly receivers: readonly ReceiverSettings[] },
): readonly Way[] {
  const known = receivers.filter(({ name }) => way.receivers.includes(name));
  const fed = known.filter(({ kind }) => kind === "alertmanager").map(({ name }) => name);
  const told = known.filter(({ kind }) => kind !== "alertmanager").map(({ name }) => name);
  const ways: Way[] = [];
  if (told.length > 0) ways.push({ ...way, receivers: told });
  if (fed.length > 0) ways.push({ ...feed, key: `feed ${way.key}`, receivers: fed });
  return ways;
}

/** Names of receivers, `escalate_to_KIND` and `notify_KIND` turned into names that exist, each
 * once. */
export function resolveReceivers(
  named: readonly string[],
  receivers: readonly ReceiverSettings[],
): readonly string[] {
  const found = named.flatMap((word) => {
    const meant = /^(?:escalate_to|notify)_(.+)$/.exec(word)?.[1];
    return receivers
      .filter(({ name, word: kind }) => name === word || name === meant || kind === meant)
      .map(({ name }) => name);
  });
  return [...new Set(found)];
}

/** The labels that all alerts of its group share. */
export function groupLabelsOf(way: Way, labels: Labels): Labels {
  return way.groupBy ? pick(labels, way.groupBy) : labels;
}

/** One for all alerts that are told together. */
export function groupKeyOf(way: Way, labels: Labels, alertKey: string): string {
  const which = way.groupBy ? formatLabels(pick(labels, way.groupBy)) : alertKey;
  return `${way.key}:${which}`;
}
