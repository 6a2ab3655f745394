/** The accounts of this machine, as far as its files name them. */
import { readFileSync } from "node:fs";
import type { WrittenUser } from "./schema/process-values.ts";

/** A user of /etc/passwd. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

export interface Accounts {
  readonly users: readonly Account[];
  readonly groups: readonly { readonly name: string; readonly gid: number }[];
}

/** Whom a written user means; `account` is undefined for an id that no account has. */
export type FoundUser =
  | {
      readonly ok: true;
      readonly uid: number;
      readonly gid: number;
      readonly account: Account | undefined;
    }
  | { readonly ok: false; readonly problem: string };

/** Reads /etc/passwd and /etc/group; what can't be read is taken for empty. */
export function readAccounts(): Accounts {
  return parseAccounts(readOrEmpty("/etc/passwd"), readOrEmpty("/etc/group"));
}

/** From the texts of both files; lines that make no sense are left out. */
export function parseAccounts(passwd: string, group: string): Accounts {
  const lines = (text: string): string[][] =>
    text.split("\n").flatMap((line) => (line.startsWith("#") ? [] : [line.split(":")]));
  return {
    users: lines(passwd).flatMap(([name = "", , uid = "", gid = "", , home = "/"]) =>
      isId(uid) && isId(gid) ? [{ name, uid: Number(uid), gid: Number(gid), home }] : [],
    ),
    groups: lines(group).flatMap(([name = "", , gid = ""]) =>
      isId(gid) ? [{ name, gid: Number(gid) }] : [],
    ),
  };
}

/** Names are looked up before digits are taken for ids. An id without an account needs a group. */
export function findUser({ user, group }: WrittenUser, accounts: Accounts): FoundUser {
  const account =
    accounts.users.find(({ name }) => name === user) ??
    accounts.users.find(({ uid }) => String(uid) === user);
  if (!account && !isId(user)) return { ok: false, problem: `there is no user ${user}` };
  const uid = account?.uid ?? Number(user);
  if (group === undefined) {
    if (account) return { ok: true, uid, gid: account.gid, account };
    return { ok: false, problem: `no user has the id ${user}: write a group, too (${user}:GROUP)` };
  }
  const gid = accounts.groups.find(({ name }) => name === group)?.gid;
  if (gid === undefined && !isId(group)) {
    return { ok: false, problem: `there is no group ${group}` };
  }
  return { ok: true, uid, gid: gid ?? Number(group), account };
}

function isId(text: string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) < 0xffff_ffff;
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // A machine without the file has no names to look up; ids still work.
    return "";
  }
}
