import { chooseProducts } from "../products/all.ts";
import { chooseScenarios } from "../scenarios/all.ts";
import { runCell } from "./run-cell.ts";
const [sc, pr, sec="14"] = process.argv.slice(2);
for (const scenario of chooseScenarios(sc!.split(","))) for (const product of chooseProducts(pr!.split(","))) {
  try {
  const c = await runCell({ scenario, product, ratePerSecond: 500, seconds: Number(sec), warmUpSeconds: 2, signal: new AbortController().signal });
  const s = c.summary;
  console.log(scenario.name.padEnd(16), product.id.padEnd(16), `fail ${s.failed} wrong ${s.wrong} p50 ${s.p50Ms.toFixed(1)} p99 ${s.p99Ms.toFixed(0)} p999 ${s.p999Ms.toFixed(0)} worst ${s.worstMs.toFixed(0)} detect ${s.detectMs.toFixed(0)}${s.undetected?"+":""} clean ${s.errorFreeMs.toFixed(0)} lost ${s.connectionsLost} long ${JSON.stringify(c.long)} load ${c.originLoadPercent} late ${s.lateP99Ms.toFixed(1)}/${s.lateWorstMs.toFixed(0)}`, JSON.stringify(s.byReason), c.notes.join("; "));
  } catch (e) { console.log(scenario.name, product.id, "ERROR", e); }
}
