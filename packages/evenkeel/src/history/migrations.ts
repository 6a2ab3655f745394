/** The shape of the file, version by version. */

/** Each brings the file from the version of its index to the next. Never change one that was
 * published: add one. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE ledger (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    owner TEXT NOT NULL,
    incident INTEGER,
    run TEXT NOT NULL,
    object TEXT NOT NULL,
    intent TEXT NOT NULL,
    undo TEXT NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    deadline INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX ledger_unfinished ON ledger (id) WHERE state IN ('intended', 'running');
  CREATE INDEX ledger_run ON ledger (run);
  CREATE INDEX ledger_owner ON ledger (owner, created_at);

  CREATE TABLE incidents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    handling TEXT NOT NULL,
    drill TEXT,
    plan TEXT,
    object TEXT NOT NULL,
    state TEXT NOT NULL,
    fault_at INTEGER NOT NULL,
    detected_at INTEGER NOT NULL,
    action_at INTEGER,
    mitigated_at INTEGER,
    resolved_at INTEGER,
    acknowledged_by TEXT
  ) STRICT;
  CREATE INDEX incidents_open ON incidents (id) WHERE state <> 'resolved';
  CREATE INDEX incidents_detected ON incidents (detected_at);

  CREATE TABLE timeline (
    id INTEGER PRIMARY KEY,
    incident INTEGER NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX timeline_incident ON timeline (incident, id);

  CREATE TABLE memory (
    space TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (space, key)
  ) STRICT, WITHOUT ROWID;
  `,
];
