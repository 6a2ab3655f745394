/**
 * A plain model of nginx's balancing, peer by peer as its C sources have it, to compare with.
 *
 * Deliberately slow and literal: objects instead of columns, integers as C has them, one data
 * object per request with its tried set and counts.
 */
import { crc32 } from "node:zlib";

/** One of nginx's peers. */
export interface Peer {
  readonly name: string;
  weight: number;
  effective: number;
  current: number;
  conns: number;
  maxFails: number;
  failTimeout: number;
  fails: number;
  accessed: number;
  checked: number;
  down: boolean;
}

/** What nginx keeps per request. */
export interface ModelRequest {
  readonly tried: Set<Peer>;
  tries: number;
  hash: number;
}

export function peer(name: string, weight: number, given: Partial<Peer> = {}): Peer {
  const fresh = { conns: 0, maxFails: 1, failTimeout: 10, fails: 0, accessed: 0, checked: 0 };
  return { name, weight, effective: weight, current: 0, down: false, ...fresh, ...given };
}

export function modelRequest(hash = 0): ModelRequest {
  return { tried: new Set(), tries: 0, hash };
}

function passedBy(one: Peer, request: ModelRequest, now: number): boolean {
  if (request.tried.has(one)) return true;
  if (one.down) return true;
  return one.maxFails > 0 && one.fails >= one.maxFails && now - one.checked <= one.failTimeout;
}

function take(best: Peer, request: ModelRequest, now: number): Peer {
  request.tried.add(best);
  if (now - best.checked > best.failTimeout) best.checked = now;
  return best;
}

export function roundRobinModel(
  peers: readonly Peer[],
  request: ModelRequest,
  now: number,
): Peer | undefined {
  let best: Peer | undefined;
  let total = 0;
  for (const one of peers) {
    if (passedBy(one, request, now)) continue;
    one.current += one.effective;
    total += one.effective;
    if (one.effective < one.weight) one.effective++;
    if (best === undefined || one.current > best.current) best = one;
  }
  if (best === undefined) return undefined;
  best.current -= total;
  return take(best, request, now);
}

export function leastConnModel(
  peers: readonly Peer[],
  request: ModelRequest,
  now: number,
): Peer | undefined {
  let best: Peer | undefined;
  let many = false;
  let at = 0;
  for (const [index, one] of peers.entries()) {
    if (passedBy(one, request, now)) continue;
    if (best === undefined || one.conns * best.weight < best.conns * one.weight) {
      best = one;
      many = false;
      at = index;
    } else if (one.conns * best.weight === best.conns * one.weight) many = true;
  }
  if (best === undefined) return undefined;
  let total = 0;
  if (many) {
    for (const one of peers.slice(at)) {
      if (passedBy(one, request, now)) continue;
      if (one.conns * best.weight !== best.conns * one.weight) continue;
      one.current += one.effective;
      total += one.effective;
      if (one.effective < one.weight) one.effective++;
      if (one.current > best.current) best = one;
    }
  }
  best.current -= total;
  return take(best, request, now);
}

/** `request.hash` begins at 89; `octets` are the 3 or 16 of the client's address. */
export function ipHashModel(
  peers: readonly Peer[],
  request: ModelRequest,
  octets: readonly number[],
  now: number,
): Peer | undefined {
  if (request.tries > 20 || peers.length < 2) return roundRobinModel(peers, request, now);
  const totalWeight = peers.reduce((sum, { weight }) => sum + weight, 0);
  let { hash } = request;
  for (;;) {
    for (const octet of octets) hash = (hash * 113 + octet) % 6271;
    let left = hash % totalWeight;
    let index = 0;
    while (left >= peers[index]!.weight) left -= peers[index++]!.weight;
    const found = peers[index]!;
    if (!passedBy(found, request, now)) {
      request.hash = hash;
      return take(found, request, now);
    }
    if (++request.tries > 20) return roundRobinModel(peers, request, now);
  }
}

/** nginx's ring for peers named host:port. */
export function ringModel(peers: readonly Peer[]): { hash: number; name: string }[] {
  const points: { hash: number; name: string }[] = [];
  for (const { name, weight } of peers) {
    const [host = "", port = ""] = name.split(":");
    const prefix = Buffer.from(`${host}\0${port}`, "latin1");
    const previous = Buffer.alloc(4);
    for (let point = 0; point < weight * 160; point++) {
      const hash = crc32(Buffer.concat([prefix, previous]));
      points.push({ hash, name });
      previous.writeUInt32LE(hash);
    }
  }
  points.sort((one, other) => one.hash - other.hash);
  return points.filter(({ hash }, index) => index === 0 || points[index - 1]!.hash !== hash);
}

/** `request.hash` begins at the index of the first point at or above the key's CRC. */
export function consistentModel(
  peers: readonly Peer[],
  ring: readonly { hash: number; name: string }[],
  request: ModelRequest,
  now: number,
): Peer | undefined {
  if (request.tries > 20 || peers.length < 2) return roundRobinModel(peers, request, now);
  for (;;) {
    const { name } = ring[request.hash % ring.length]!;
    const found = peers.find((one) => one.name === name && !passedBy(one, request, now));
    if (found !== undefined) {
      if (found.effective < found.weight) found.effective++;
      return take(found, request, now);
    }
    request.hash++;
    if (++request.tries > 20) return roundRobinModel(peers, request, now);
  }
}

/** The end of an attempt. */
export function settleModel(one: Peer, failed: boolean, now: number): void {
  if (failed) {
    one.fails++;
    one.accessed = now;
    one.checked = now;
    if (one.maxFails > 0) one.effective -= Math.trunc(one.weight / one.maxFails);
    if (one.effective < 0) one.effective = 0;
  } else if (one.accessed < one.checked) one.fails = 0;
  one.conns--;
}
