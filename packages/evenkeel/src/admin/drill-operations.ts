/** What can be asked of drills. */
import type { Drills } from "../drills/contract.ts";
import { json, problem, type Answer } from "./answer.ts";
import { drillDocuments, reportDocument, runDocument } from "./drill-document.ts";
import type { Operation } from "./operations.ts";

/** The operations over these drills. */
export function drillOperations(drills: Drills): readonly Operation[] {
  return [
    {
      method: "GET",
      path: "/drills",
      changes: false,
      run: () =>
        json(200, { drills: drillDocuments(drills), runs: drills.runs().map(runDocument) }),
    },
    {
      method: "POST",
      path: "/drills/*/run",
      changes: true,
      run: ({ parameters }) => start(drills, parameters[0] ?? ""),
    },
    {
      method: "POST",
      path: "/drills/abort",
      changes: true,
      run: () =>
        drills.abort("an operator")
          ? json(200, { aborted: true })
          : problem(409, "No drill is under way."),
    },
    {
      method: "GET",
      path: "/drills/runs/*",
      changes: false,
      run({ parameters }) {
        const [id = ""] = parameters;
        const report = reportDocument(drills, id);
        return report ? json(200, report) : problem(404, `There is no drill run "${id}".`);
      },
    },
  ];
}

function start(drills: Drills, name: string): Answer {
  if (!drills.list().some(({ settings }) => settings.name === name)) {
    const names = drills.list().map(({ settings }) => settings.name);
    return problem(404, `There is no drill "${name}"; there is: ${names.join(", ") || "none"}.`);
  }
  const outcome = drills.run(name, "an operator");
  return "problem" in outcome ? problem(409, outcome.problem) : json(202, outcome);
}
