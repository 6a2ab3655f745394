/** The charts of a run. */
import type { Chart, Series } from "../report/page.ts";
import type { BenchResult, StepResult } from "./bench-result.ts";
import { decodeHistogram } from "./latency-histogram.ts";
import { formatAmount } from "./number-format.ts";
import { spectrumOf, spectrumPercentiles } from "./spectrum.ts";

/** More lines than that can't be told apart. */
const mostLines = 6;

/** A line of a spectrum: a name, and what it was measured in. */
export interface SpectrumLine {
  readonly label: string;
  readonly step: StepResult;
}

/** Latency by percentile, one line per step. Undefined where nothing was answered. */
export function spectrumChart(title: string, lines: readonly SpectrumLine[]): Chart | undefined {
  const decoded = lines.map(({ label, step }) => ({
    label,
    histogram: decodeHistogram(step.histogram),
  }));
  const most = Math.max(0, ...decoded.map(({ histogram }) => histogram.totalCount));
  if (most === 0) return undefined;
  const at = spectrumPercentiles(most);
  return {
    title,
    x: { label: "percentile", scale: "percentile" },
    left: { label: "latency, ms", scale: "log" },
    at,
    series: decoded.map(({ label, histogram }) => ({
      label,
      values: spectrumOf(histogram, at),
      axis: "left",
      style: "line",
      joinGaps: true,
    })),
    heightPx: 360,
  };
}

/** Up to six of the steps: the first, those around the knee, the last, and others between. */
export function chosenSteps({ steps, knee }: BenchResult): StepResult[] {
  if (steps.length <= mostLines) return steps;
  const wanted = new Set([0, steps.length - 1]);
  if (knee.kind === "found") {
    for (const load of [knee.load, knee.missed]) {
      wanted.add(steps.findIndex((step) => step.load === load));
    }
  }
  for (let part = 1; wanted.size < mostLines && part < mostLines; part++) {
    wanted.add(Math.round((part * (steps.length - 1)) / mostLines));
  }
  return steps.filter((_, index) => wanted.has(index));
}

/** Latency and errors over the load; one point per step. */
export function loadChart({ settings, steps, knee }: BenchResult): Chart {
  const ms = (key: keyof StepResult["latency_us"]): number[] =>
    steps.map(({ latency_us }) => latency_us[key] / 1_000);
  const line = (label: string, values: number[]): Series => ({
    label,
    values,
    axis: "left",
    style: "line",
  });
  const marks =
    knee.kind === "found" || knee.kind === "at-least"
      ? [{ at: knee.load, label: knee.kind === "found" ? "knee" : "met", tone: "good" as const }]
      : [];
  return {
    title: settings.mode === "open" ? "Latency by offered rate" : "Latency by connections",
    x: { label: settings.mode === "open" ? "offered, requests per second" : "connections" },
    left: { label: "latency, ms", scale: "log" },
    right: { label: "answers per second" },
    at: steps.map(({ load }) => load),
    series: [
      line("p50", ms("p50")),
      line("p99", ms("p99")),
      line("p99.9", ms("p99_9")),
      {
        label: "achieved",
        values: steps.map((step) => step.achieved_per_s),
        axis: "right",
        style: "line",
        tone: "neutral",
      },
    ],
    marks,
  };
}

/** The seconds of all steps one after another, without the pauses between. */
export function timelineChart({ settings, steps }: BenchResult): Chart {
  const at: number[] = [];
  const entries: StepResult["timeline"] = [];
  const marks: { at: number; label: string; tone: "neutral" }[] = [];
  let startS = 0;
  for (const { timeline, load } of steps) {
    const unit = settings.mode === "open" ? "/s" : " connections";
    marks.push({ at: startS, label: `${formatAmount(load)}${unit}`, tone: "neutral" });
    for (const entry of timeline) {
      at.push(startS + entry.second);
      entries.push(entry);
    }
    startS = (at.at(-1) ?? 0) + 1;
  }
  return {
    title: "Second by second, steps one after another",
    x: { label: "seconds of measurement" },
    left: { label: "answers per second" },
    right: { label: "latency, ms", scale: "log" },
    at,
    series: [
      {
        label: "answered",
        values: entries.map(({ answered }) => answered),
        axis: "left",
        style: "stacked",
      },
      {
        label: "failed",
        values: entries.map(({ failed }) => failed),
        axis: "left",
        style: "stacked",
        tone: "bad",
      },
      {
        label: "p50",
        values: entries.map(({ p50_us }) => p50_us / 1_000),
        axis: "right",
        style: "line",
      },
      {
        label: "p99",
        values: entries.map(({ p99_us }) => p99_us / 1_000),
        axis: "right",
        style: "line",
      },
    ],
    marks: marks.length <= 20 ? marks : [],
  };
}
