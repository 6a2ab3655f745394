/**
 * What a route changes about requests and answers, compiled. Most routes change nothing and share
 * one object that says so: what ten thousand routes read for a request should be little memory.
 */
import type { RouteSnapshot } from "../../snapshot/snapshot.ts";
import type { FieldFilter } from "../exchange/copy-fields.ts";
import { compileHeaderChanges, type CompiledHeaderChanges } from "./header-changes.ts";
import { compilePathRewrite, type PathRewrite } from "./rewrite.ts";

/** See the file's head. Everything undefined changes nothing. */
export interface RouteChanges {
  readonly path: PathRewrite | undefined;
  /** Replaces `Host` towards the origin. */
  readonly host: string | undefined;
  readonly request: CompiledHeaderChanges | undefined;
  readonly response: CompiledHeaderChanges | undefined;
  readonly requestFilter: FieldFilter | undefined;
  readonly responseFilter: FieldFilter | undefined;
}

const none: RouteChanges = {
  path: undefined,
  host: undefined,
  request: undefined,
  response: undefined,
  requestFilter: undefined,
  responseFilter: undefined,
};

/** Compiles a route's changes. */
export function compileChanges(route: RouteSnapshot): RouteChanges {
  const { action, match, requestHeaders, responseHeaders } = route;
  const rewrite = action.kind === "forward" ? action.rewrite : undefined;
  if (rewrite === undefined && requestHeaders === undefined && responseHeaders === undefined) {
    return none;
  }
  const request = compileHeaderChanges(requestHeaders);
  const response = compileHeaderChanges(responseHeaders);
  return {
    path: compilePathRewrite(rewrite?.path, match.path),
    host: rewrite?.host,
    request,
    response,
    requestFilter: filterOf(request),
    responseFilter: filterOf(response),
  };
}

function filterOf(changes: CompiledHeaderChanges | undefined): FieldFilter | undefined {
  if (changes === undefined || !changes.dropsAny) return undefined;
  return { removes: (bytes, start, end) => changes.drops(bytes, start, end) };
}
