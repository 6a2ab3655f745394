/**
 * The endpoints of one upstream and what is written of them on the board: bits, weights, and the
 * generation that tells proxies to look again.
 */
import { rampFactor } from "@evenkeel/balance";
import { type Board, TAKES_NEW } from "../board/board.ts";
import type { UpstreamHealth } from "../snapshot/desired.ts";
import { type Member, plainWeight } from "./member.ts";
import { bitsFor, count, emptyTally, inPanic, standingOf, voteOf } from "./standing.ts";

/** One upstream's members. Every change to a member is followed by `settle`. */
export class Group {
  readonly members = new Map<string, Member>();
  settings: UpstreamHealth;
  panicking = false;
  readonly #board: Board;
  readonly #tally = emptyTally();

  constructor(board: Board, settings: UpstreamHealth) {
    this.#board = board;
    this.settings = settings;
  }

  /** Takes a member in; counted, but written only by the next `settle`. */
  admit(member: Member): void {
    this.members.set(member.settings.name, member);
    count(this.#tally, member.vote, member.settings.backup, 1);
  }

  /** Lets a member go. Its slot stays as it is: proxies that work by the earlier snapshot send to it
   * until the next one reaches them, or replacing all endpoints would leave a moment with none. */
  dismiss(member: Member): void {
    this.members.delete(member.settings.name);
    count(this.#tally, member.vote, member.settings.backup, -1);
  }

  /** Gives a member its new settings without losing count of it. */
  replaceSettings(member: Member, settings: Member["settings"], upstream: UpstreamHealth): void {
    count(this.#tally, member.vote, member.settings.backup, -1);
    member.settings = settings;
    member.upstream = upstream;
    member.vote = voteOf(standingOf(member.state), plainWeight(member));
    count(this.#tally, member.vote, settings.backup, 1);
  }

  /** Counts a changed member anew and writes what follows. True where panic began or ended. */
  settle(member: Member, monotonicMs: number): boolean {
    const vote = voteOf(standingOf(member.state), plainWeight(member));
    if (vote !== member.vote) {
      count(this.#tally, member.vote, member.settings.backup, -1);
      count(this.#tally, vote, member.settings.backup, 1);
      member.vote = vote;
    }
    if (this.#judgePanic()) {
      this.writeAll(monotonicMs);
      return true;
    }
    if (this.#write(member, monotonicMs)) this.publish();
    return false;
  }

  /** Writes every member after settings changed. True where panic began or ended. */
  settleAll(monotonicMs: number): boolean {
    const flipped = this.#judgePanic();
    this.writeAll(monotonicMs);
    return flipped;
  }

  /** Tells proxies to look again, and wakes requests that wait for an endpoint or at one that was
   * given up. */
  publish(): void {
    const { generation, upstreamFreed, published } = this.#board;
    const { slot } = this.settings;
    Atomics.add(generation, slot, 1);
    Atomics.add(upstreamFreed, slot, 1);
    Atomics.notify(upstreamFreed, slot);
    Atomics.add(published, 0, 1);
    Atomics.notify(published, 0);
  }

  /** Writes all members; publishes once where anything changed. */
  writeAll(monotonicMs: number): void {
    let changed = false;
    for (const member of this.members.values()) {
      if (this.#write(member, monotonicMs)) changed = true;
    }
    if (changed) this.publish();
  }

  /** Members that take new requests by their own merit, panic left aside. */
  serving(): number {
    return this.#tally.primariesServing + this.#tally.backupsServing;
  }

  /** Takes new requests now, panic included. */
  available(member: Member): boolean {
    const { slot } = member.settings;
    return (
      (this.#board.state[slot]! & TAKES_NEW) !== 0 &&
      this.#board.weight[slot]! > 0 &&
      member.state.hold === undefined
    );
  }

  /** The weight on the board: what proxies go by until it is next written. */
  weightInForce(member: Member): number {
    return this.#board.weight[member.settings.slot]!;
  }

  /** The configured or the operator's weight, times what signals leave of it and slow start. */
  #weightNow(member: Member, monotonicMs: number): number {
    const left = plainWeight(member) * ((member.state.signal?.percent ?? 100) / 100);
    const ramp = this.settings.slowStart;
    if (ramp === undefined || member.warmingFromMs === undefined) return left;
    const elapsedMs = monotonicMs - member.warmingFromMs;
    return left * rampFactor(elapsedMs, ramp.windowMs, ramp.minPercent);
  }

  #judgePanic(): boolean {
    const panicking = inPanic(this.#tally, this.settings.panicPercent, this.panicking);
    if (panicking === this.panicking) return false;
    this.panicking = panicking;
    return true;
  }

  #write(member: Member, monotonicMs: number): boolean {
    const { slot } = member.settings;
    const bits = bitsFor(standingOf(member.state), this.panicking);
    const weight = this.#weightNow(member, monotonicMs);
    if (this.#board.state[slot] === bits && this.#board.weight[slot] === weight) return false;
    this.#board.weight[slot] = weight;
    Atomics.store(this.#board.state, slot, bits);
    return true;
  }
}
