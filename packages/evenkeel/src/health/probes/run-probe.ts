/** All kinds of checks behind one call. */
import { commandProbe } from "./command.ts";
import { httpProbe } from "./http.ts";
import type { Probe } from "./probe.ts";
import { tcpProbe } from "./tcp.ts";

/** Runs the kind of check its settings name. What `createHealthTable` is given outside of tests. */
export const runProbe: Probe = ({ settings, ...where }, signal) => {
  switch (settings.protocol) {
    case "http":
      return httpProbe({ ...where, settings }, signal);
    case "tcp":
      return tcpProbe({ ...where, settings }, signal);
    case "command":
    default:
      return commandProbe({ ...where, settings }, signal);
  }
};
