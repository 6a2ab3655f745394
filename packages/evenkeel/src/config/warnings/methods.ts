/** Methods that no client sends, or that are never answered. */
import { nearest } from "../../lib/edit-distance.ts";
import type { Config } from "../config.ts";
import { didYouMean } from "../diagnose.ts";
import type { Problem } from "../problem.ts";
import type { Source } from "../source/source.ts";

/** IANA's registry of HTTP methods, without those that only tunnel or negotiate. */
const registered =
  "ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT CONNECT COPY DELETE GET HEAD LABEL LINK LOCK MERGE " +
  "MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE OPTIONS ORDERPATCH PATCH POST " +
  "PROPFIND PROPPATCH PUT QUERY REBIND REPORT SEARCH TRACE UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE " +
  "UPDATEREDIRECTREF VERSION-CONTROL";
const methods: readonly string[] = registered.split(" ");

/** All routes, in order. A method of one's own is fine as long as it is near no other. */
export function warnOfMethods(config: Config, source: Source): Problem[] {
  return config.routes.flatMap(({ method }, at) =>
    (method ?? []).flatMap((name, index) => {
      const path = ["routes", at, "method", index];
      if (name === "CONNECT") {
        return [source.problemAt(path, "never matches: CONNECT is always refused")];
      }
      const near = methods.includes(name) ? undefined : nearest(name, methods);
      if (near === undefined) return [];
      const rule = `${name} is no registered method`;
      return [source.problemAt(path, rule, { hint: didYouMean(near) })];
    }),
  );
}
