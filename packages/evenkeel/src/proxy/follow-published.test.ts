import assert from "node:assert/strict";
import { test } from "node:test";

import { waitFor } from "../../../../test/support/wait-for.ts";
import { createBoard } from "../board/board.ts";
import { followPublished } from "./follow-published.ts";

test("looks at once, after each change, and once after many at a time", async () => {
  const board = createBoard(1);
  let looks = 0;
  const publish = (): void => {
    Atomics.add(board.published, 0, 1);
    Atomics.notify(board.published, 0);
  };
  void followPublished(board, () => {
    looks++;
    // What is published while it looks must be seen too.
    if (looks === 3) publish();
  });
  assert.equal(looks, 1);
  publish();
  await waitFor("the second look", () => looks === 2);
  for (let n = 0; n < 5; n++) publish();
  await waitFor("the third and fourth look", () => looks === 4);
});
