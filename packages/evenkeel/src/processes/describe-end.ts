/** How a run ended, in words that continue "it ...". */
export function describeEnd(code: number | undefined, signal: string | undefined): string {
  if (signal !== undefined) return `was ended by ${signal}`;
  return code === undefined ? "ended, nobody saw how" : `exited with ${code}`;
}
