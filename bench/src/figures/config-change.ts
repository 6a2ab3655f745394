/**
 * How long a changed file takes until a request obeys it, with 1,000 endpoints.
 */
import { connectRaw } from "../../../test/support/raw-client.ts";
import { median } from "../measure/statistics.ts";
import { smallBody } from "../origins.ts";
import { evenkeel } from "../peers/all.ts";
import { evenkeelConfig, startEvenkeelForBench } from "../peers/evenkeel.ts";
import { fixed } from "../report/numbers.ts";
import type { Context, Figure } from "./figure.ts";

const ENDPOINTS = 1_000;
const CHANGES_PER_ROUND = 4;
const GIVE_UP_MS = 10_000;

/** What a change replaces. */
interface Change {
  readonly name: string;
  /** How many endpoints move from one origin to the other. */
  readonly moved: number;
}

const changes: readonly Change[] = [
  { name: "one of 1,000 endpoints replaced", moved: 1 },
  { name: "all 1,000 endpoints replaced", moved: ENDPOINTS },
];

/** From the rename of the file, followed by `--watch`, to the end of the first obeying answer. */
export const configChange: Figure = {
  name: "config-change",
  title: "A configuration change with 1,000 endpoints until the first request obeys it",
  needsPeers: true,
  async run(context) {
    const missing = evenkeel.missing();
    const rounds = missing === undefined ? context.rounds : 0;
    const taken = changes.map(() => [] as number[]);
    const failures = changes.map(() => 0);
    for (let round = 1; round <= rounds; round++) {
      for (const [index, change] of changes.entries()) {
        context.progress(`round ${round}/${context.rounds}: ${change.name}`);
        const { took, failed } = await measureChange(context, change);
        taken[index]!.push(...took);
        failures[index] = failures[index]! + failed;
      }
    }
    return {
      tables: [
        {
          columns: [
            "change",
            "changes",
            "median ms",
            "smallest ms",
            "largest ms",
            "failed requests",
          ],
          rows: changes.map(({ name }, index) => [
            name,
            String(taken[index]!.length),
            fixed(median(taken[index]!), 1),
            fixed(Math.min(...taken[index]!), 1),
            fixed(Math.max(...taken[index]!), 1),
            String(failures[index]),
          ]),
        },
      ],
      bars: changes.flatMap(({ name }, index) => {
        const value = taken[index]!.length === 0 ? undefined : median(taken[index]!);
        return [
          { what: name, value, bar: 200, aim: 20, unit: " ms" },
          {
            what: `${name}: failed requests`,
            value: value === undefined ? undefined : failures[index],
            bar: 0,
            unit: "",
          },
        ];
      }),
      notes: [
        "Requests follow one another on one kept connection the whole time; balance: first, so " +
          "the first endpoint's origin answers. The change is written to the file while they run.",
        ...(missing === undefined ? [] : [missing]),
      ],
      raw: Object.fromEntries(changes.map(({ name }, index) => [name, taken[index]])),
    };
  },
};

async function measureChange(
  context: Context,
  { moved }: Change,
): Promise<{ took: number[]; failed: number }> {
  await using running = await startEvenkeelForBench(configOf(context, 0, moved), ["--watch"]);
  await using client = await connectRaw({ port: running.port("web"), deadlineMs: GIVE_UP_MS });
  let failed = 0;
  const ask = async (): Promise<string> => {
    client.send("GET / HTTP/1.1\r\nHost: bench.example\r\n\r\n");
    const answer = await client.readResponse();
    if (answer.status !== 200) failed++;
    return answer.text;
  };
  const untilAnsweredBy = async (origin: number): Promise<number> => {
    const giveUpAt = performance.now() + GIVE_UP_MS;
    while ((await ask()) !== smallBody(origin)) {
      if (performance.now() > giveUpAt) throw new Error("the change was never obeyed");
    }
    return performance.now();
  };
  await untilAnsweredBy(0);
  const took: number[] = [];
  for (let change = 1; change <= CHANGES_PER_ROUND; change++) {
    const origin = change % 2;
    const obeyed = untilAnsweredBy(origin);
    const renamedAt = await running.rewrite(configOf(context, origin, moved));
    took.push((await obeyed) - renamedAt);
  }
  return { took, failed };
}

/** 1,000 addresses of the loopback network, the first `moved` of them at the given origin's port and
 * the others at the third's. */
function configOf(context: Context, origin: number, moved: number): object {
  const { ports } = context.origins;
  const endpoints = Array.from({ length: ENDPOINTS }, (_, index) => {
    const port = index < moved ? ports[origin]! : ports[2]!;
    return `127.0.${1 + Math.floor(index / 250)}.${1 + (index % 250)}:${port}`;
  });
  return {
    ...evenkeelConfig({ originPorts: [] }),
    upstreams: { web: { balance: "first", endpoints } },
  };
}
