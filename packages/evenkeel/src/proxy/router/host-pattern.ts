/** Whether a host fits a route's pattern: itself, or with `*.` in front any name below it, however
 * many labels deep. Both lower case. */
export function matchesHost(pattern: string, host: string): boolean {
  if (!pattern.startsWith("*.")) return pattern === host;
  return host.length >= pattern.length && host.endsWith(pattern.slice(1));
}
