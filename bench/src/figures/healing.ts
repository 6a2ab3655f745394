/**
 * How soon faults are healed, and whether anything is left of them: instances that die, hang, turn slow
 * or grow, faults in traffic, and ends of Evenkeel itself at random instants.
 */
import {
  freezeOne,
  type ExitOutcome,
  type HangOutcome,
  killOne,
} from "../../../test/scenario/testing/exits.ts";
import { startCrashable } from "../../../test/scenario/testing/crashable.ts";
import {
  incidentsOf,
  ledgerOf,
  mostAtOnce,
} from "../../../test/scenario/testing/healing-record.ts";
import { untilClean } from "../../../test/scenario/testing/healing-residue.ts";
import { healingScene } from "../../../test/scenario/testing/healing-scene.ts";
import { reached, stateFolder } from "../../../test/scenario/testing/processes.ts";
import { seededRandom } from "../../../test/scenario/testing/random.ts";
import {
  blindRepetitions,
  endAtRandom,
  endingScene,
  type EndOutcome,
  INSTANCES,
  linesOf,
  replacedControl,
} from "../../../test/scenario/testing/random-ends.ts";
import { sufferFaults, trafficDrills } from "../../../test/scenario/testing/random-faults.ts";
import { sentMore } from "../../../test/scenario/testing/scene.ts";
import { type Evenkeel, startEvenkeel } from "../../../test/support/evenkeel.ts";
import { startOpenLoop } from "../../../test/support/open-loop.ts";
import type { Context, Figure } from "./figure.ts";
import {
  endBars,
  type Ends,
  endTable,
  failuresIn,
  faultTable,
  incidentTable,
  type Random,
  randomBars,
  type Single,
  singleBars,
  singleTable,
} from "./healing-report.ts";

const EXITS_PER_ROUND = 4;
const HANGS_PER_ROUND = 2;
const FAULTS_PER_ROUND = 40;
const CONTROL_ENDS_PER_ROUND = 20;
const PROGRAM_ENDS_PER_ROUND = 4;
const HEALED = 6;
const RATE_PER_SECOND = 500;
const PATIENCE_MS = 30_000;
const SEED = 20_261_121;

/** With five rounds: 200 random faults under load, 100 ends of control, 20 of the whole program. */
export const healing: Figure = {
  name: "healing",
  title: "Faults of instances, traffic and Evenkeel itself, until they are healed",
  needsPeers: false,
  async run(context) {
    const single = await measureSingle(context);
    const random = await measureRandom(context);
    const control = await measureEnds(context, CONTROL_ENDS_PER_ROUND * context.rounds, "control");
    const program = await measureEnds(context, PROGRAM_ENDS_PER_ROUND * context.rounds, "program");
    return {
      tables: [
        singleTable(single),
        faultTable(random.outcomes),
        incidentTable(random.incidents),
        endTable(control, program),
      ],
      bars: [...singleBars(single), ...randomBars(random), ...endBars(control, program)],
      notes: [
        `Random faults: ${RATE_PER_SECOND} requests per second (open loop) over ${HEALED} instances; ` +
          `"well again" is when ${HEALED} instances that are not ill take traffic. Seed ${SEED}.`,
        failuresIn(random.load),
        `At random instants of a plan or drill: the step that must not be repeated was done ` +
          `${control.lines} times over ends of control and ${program.lines} over those of the program.`,
        ...control.problems,
        ...program.problems,
        ...random.left,
      ],
      raw: {
        single,
        random: { ...random, load: { sent: random.load.sent, failures: random.load.failures } },
        control,
        program,
      },
    };
  },
};

async function measureSingle(context: Context): Promise<Single> {
  await using stack = new AsyncDisposableStack();
  const place = { stateDir: stateFolder(stack), instances: 3 };
  await using evenkeel = await startEvenkeel({ config: healingScene(place) });
  await reached(evenkeel, "READY", place.instances);
  const load = startOpenLoop({ url: evenkeel.url("web"), ratePerSecond: RATE_PER_SECOND });
  stack.defer(() => void load.stop());
  await sentMore(load, RATE_PER_SECOND);
  const exits: ExitOutcome[] = [];
  for (let kill = 0; kill < EXITS_PER_ROUND * context.rounds; kill++) {
    context.progress(`exit ${kill + 1} of ${EXITS_PER_ROUND * context.rounds}`);
    exits.push(await killOne(evenkeel, place.stateDir, kill));
    await untilClean(evenkeel, place);
  }
  const hangs: HangOutcome[] = [];
  for (let hang = 0; hang < HANGS_PER_ROUND * context.rounds; hang++) {
    context.progress(`hang ${hang + 1} of ${HANGS_PER_ROUND * context.rounds}`);
    hangs.push(await freezeOne(evenkeel, place.stateDir, hang));
    await untilClean(evenkeel, place);
  }
  const { sent, failures } = await load.stop();
  return { exits, hangs, sent, failed: failures.length };
}

async function measureRandom(context: Context): Promise<Random> {
  await using stack = new AsyncDisposableStack();
  const place = { stateDir: stateFolder(stack), instances: HEALED };
  const config = healingScene({ ...place, drills: trafficDrills });
  await using evenkeel = await startEvenkeel({ config });
  await reached(evenkeel, "READY", HEALED);
  const load = startOpenLoop({ url: evenkeel.url("web"), ratePerSecond: RATE_PER_SECOND });
  stack.defer(() => void load.stop());
  await sentMore(load, RATE_PER_SECOND);
  const outcomes = await sufferFaults({
    evenkeel,
    instances: HEALED,
    faults: FAULTS_PER_ROUND * context.rounds,
    drillShare: 0.15,
    doubleShare: 0.2,
    random: seededRandom(SEED),
    patienceMs: PATIENCE_MS,
    progress: ({ kind, victim, repairedMs }) =>
      context.progress(
        `${kind} of ${victim}: ${repairedMs ?? "not healed within " + PATIENCE_MS} ms`,
      ),
  });
  const left = await untilClean(evenkeel, place);
  return {
    outcomes,
    incidents: incidentsOf(place.stateDir),
    load: await load.stop(),
    left,
    atOnce: mostAtOnce(ledgerOf(place.stateDir)),
  };
}

async function measureEnds(
  context: Context,
  count: number,
  what: "control" | "program",
): Promise<Ends> {
  await using stack = new AsyncDisposableStack();
  const stateDir = stateFolder(stack);
  const config = endingScene(stateDir);
  const { evenkeel: first, crash } = await startCrashable(config, undefined, stack);
  await reached(first, "READY", INSTANCES);
  let evenkeel = first;
  stack.defer(() => evenkeel[Symbol.asyncDispose]());
  const end =
    what === "control"
      ? (one: Evenkeel) => replacedControl(one, crash)
      : async (one: Evenkeel) => {
          one.signal("SIGKILL");
          await one.exited;
          const next = await startEvenkeel({ config });
          await one[Symbol.asyncDispose]();
          return next;
        };
  const outcomes: EndOutcome[] = [];
  const random = seededRandom(SEED);
  for (let round = 0; round < count; round++) {
    const ended = await endAtRandom(evenkeel, stateDir, random, end);
    ({ evenkeel } = ended);
    const { outcome } = ended;
    outcomes.push(outcome);
    const took = outcome.settledMs?.toFixed(0) ?? `not: ${outcome.left.join("; ")}`;
    context.progress(`${what} ${round + 1} of ${count}, ${outcome.during}: settled ${took}`);
  }
  const repetitions = blindRepetitions(stateDir);
  const unsettled = outcomes.flatMap(({ left }) => left);
  const problems = [...repetitions, ...unsettled].map((text) => `End of ${what}: ${text}`);
  return { outcomes, repetitions, lines: linesOf(stateDir).length, problems };
}
