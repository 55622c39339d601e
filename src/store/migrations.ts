// The shape of the SQLite file, as the steps that lead to it. `user_version` says how many have been taken.
//
// Rule 1: a step, once released, is never changed; the next change is a new step at the end.
// Rule 2: a step runs in one transaction with the new version number, so that a crash leaves the old shape or the new.

export const MIGRATIONS: readonly string[] = [
  // 1: decisions. What passed and what did not are counted and pruned apart, so each has an index of its own.
  `
  CREATE TABLE decisions (
    number INTEGER PRIMARY KEY,
    reference TEXT,
    cause TEXT,
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    direction TEXT,
    verdict TEXT NOT NULL,
    rule TEXT,
    reason TEXT,
    sender TEXT,
    recipient TEXT,
    kind TEXT,
    type TEXT,
    stanza_id TEXT,
    partner TEXT,
    local TEXT,
    remote TEXT,
    peer_address TEXT,
    detail TEXT,
    facts TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX decisions_by_reference ON decisions (reference) WHERE reference IS NOT NULL;
  CREATE INDEX decisions_by_remote ON decisions (remote, number);
  CREATE INDEX decisions_by_partner ON decisions (partner, number) WHERE partner IS NOT remote;
  CREATE INDEX decisions_passed ON decisions (number) WHERE verdict = 'pass';
  CREATE INDEX decisions_refused ON decisions (number) WHERE verdict <> 'pass';
  `,
  // 2: answers of ours that were lost, found by the reference that was in them.
  `CREATE INDEX decisions_lost_answers ON decisions (cause) WHERE kind = 'answer';`,
  // 3: what CAs and responders said about certificates, to be used again after a restart.
  `
  CREATE TABLE evidence (
    place TEXT PRIMARY KEY,
    kept_at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    octets BLOB NOT NULL
  ) STRICT;
  CREATE INDEX evidence_by_age ON evidence (kept_at, bytes);
  CREATE INDEX evidence_by_end ON evidence (until);
  `,
  // 4: by which keys partners are known, and what an administrator said of them.
  `
  CREATE TABLE known_keys (
    domain TEXT NOT NULL,
    spki TEXT NOT NULL,
    state TEXT NOT NULL,
    change TEXT NOT NULL,
    certificate TEXT,
    sides TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    reference TEXT,
    decided_at INTEGER,
    decided_by TEXT,
    PRIMARY KEY (domain, spki)
  ) STRICT, WITHOUT ROWID;
  `,
  // 5: from which networks remote users have logged in.
  `
  CREATE TABLE known_places (
    user TEXT NOT NULL,
    network TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (user, network)
  ) STRICT, WITHOUT ROWID;
  `,
  // 6: streams that came to nothing are counted and pruned apart too.
  `
  DROP INDEX decisions_refused;
  CREATE INDEX decisions_failed ON decisions (number) WHERE verdict = 'fail';
  CREATE INDEX decisions_others ON decisions (number) WHERE verdict <> 'pass' AND verdict <> 'fail';
  `,
  // 7: failed log-ins of accounts from outside, within the window in which they count.
  `
  CREATE TABLE log_in_failures (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    last INTEGER NOT NULL,
    times TEXT NOT NULL,
    PRIMARY KEY (kind, name)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX log_in_failures_by_last ON log_in_failures (last);
  `,
  // 8: what the files of partners said, from one change to the next.
  `
  CREATE TABLE partner_versions (
    number INTEGER PRIMARY KEY,
    domain TEXT NOT NULL,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    done TEXT NOT NULL,
    made_by TEXT NOT NULL,
    why TEXT,
    content TEXT
  ) STRICT;
  CREATE UNIQUE INDEX partner_versions_by_domain ON partner_versions (domain, version);
  `,
  // 9: domains that wait to be let in, and what was found out about them.
  `
  CREATE TABLE pending_domains (
    domain TEXT PRIMARY KEY,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    times INTEGER NOT NULL,
    inbound TEXT,
    outbound TEXT,
    certificate TEXT,
    probe TEXT
  ) STRICT, WITHOUT ROWID;
  `,
  // 10: what was changed at once with others has one reference.
  `
  ALTER TABLE partner_versions ADD COLUMN together TEXT;
  CREATE INDEX partner_versions_together ON partner_versions (together) WHERE together IS NOT NULL;
  `,
  // 11: who of ours has to do with whom outside.
  `
  CREATE TABLE relations (
    user TEXT NOT NULL,
    contact TEXT NOT NULL,
    marks INTEGER NOT NULL,
    day INTEGER NOT NULL,
    PRIMARY KEY (user, contact)
  ) STRICT, WITHOUT ROWID;
  `,
  // 12: how domains outside behave, and what was said of it.
  `
  CREATE TABLE conducts (
    domain TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    since INTEGER NOT NULL,
    at INTEGER NOT NULL,
    points TEXT NOT NULL,
    held TEXT
  ) STRICT, WITHOUT ROWID;
  `,
  // 13: what walls and rules said that decided something.
  `
  CREATE TABLE rule_wordings (
    number INTEGER PRIMARY KEY,
    version TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    place TEXT,
    content TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  `,
  // 14: of what was changed at once: how many files.
  `
  ALTER TABLE partner_versions ADD COLUMN together_files INTEGER;
  DROP INDEX partner_versions_together;
  CREATE INDEX partner_versions_together ON partner_versions (together, domain) WHERE together IS NOT NULL;
  `,
  // 15: requests for presence that nobody has answered.
  `
  CREATE TABLE pending_requests (
    user TEXT NOT NULL,
    contact TEXT NOT NULL,
    partner TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (user, contact)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX pending_requests_by_time ON pending_requests (at);
  `,
  // 16: files of partners that are about to be changed at once.
  `
  CREATE TABLE partners_announced (
    domain TEXT PRIMARY KEY,
    content TEXT,
    made_by TEXT NOT NULL,
    why TEXT,
    together TEXT NOT NULL,
    together_files INTEGER
  ) STRICT, WITHOUT ROWID;
  `,
]
