-- Coarse times only: days and hours since 1970. No column says when a reporter came.
-- Sealed columns are bound to (table, column, row) by the at-rest keyring.

CREATE TABLE deployment (
    only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
    id BLOB NOT NULL,
    root_key BLOB NOT NULL
) STRICT;

CREATE TABLE organisations (
    id BLOB PRIMARY KEY,
    parent BLOB REFERENCES organisations (id),
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    initials TEXT NOT NULL,
    kind TEXT NOT NULL,
    stage TEXT,
    level INTEGER NOT NULL,
    city_run INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Statements as signed; `kind` is identity, handover, epoch, roster or service.
CREATE TABLE statements (
    kind TEXT NOT NULL,
    subject BLOB NOT NULL,
    serial INTEGER NOT NULL,
    until_day INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (kind, subject, serial)
) STRICT, WITHOUT ROWID;

-- Members as an epoch names them: what visitors are shown.
CREATE TABLE colleagues (
    organisation BLOB NOT NULL REFERENCES organisations (id),
    epoch INTEGER NOT NULL,
    member BLOB NOT NULL,
    statement BLOB NOT NULL,
    kem_key BLOB NOT NULL,
    PRIMARY KEY (organisation, epoch, member)
) STRICT, WITHOUT ROWID;

CREATE TABLE organisation_keys (
    organisation BLOB NOT NULL REFERENCES organisations (id),
    epoch INTEGER NOT NULL,
    public_key BLOB NOT NULL,
    back BLOB,
    PRIMARY KEY (organisation, epoch)
) STRICT, WITHOUT ROWID;

CREATE TABLE members (
    id BLOB PRIMARY KEY,
    organisation BLOB NOT NULL REFERENCES organisations (id),
    account_lookup BLOB NOT NULL UNIQUE,
    role INTEGER NOT NULL,
    signing_key BLOB NOT NULL,
    kem_key BLOB NOT NULL,
    profile BLOB NOT NULL,
    auth BLOB NOT NULL,
    root BLOB NOT NULL,
    recovery BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Organisation seeds (purpose 3) and identity seeds (purpose 4), each wrapped to one key.
CREATE TABLE seed_wraps (
    organisation BLOB NOT NULL REFERENCES organisations (id),
    purpose INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    recipient BLOB NOT NULL,
    wrap BLOB NOT NULL,
    PRIMARY KEY (organisation, purpose, epoch, recipient)
) STRICT, WITHOUT ROWID;

CREATE TABLE intake_keys (
    key_id BLOB PRIMARY KEY,
    public_key BLOB NOT NULL,
    from_day INTEGER NOT NULL,
    until_day INTEGER NOT NULL,
    statement BLOB NOT NULL,
    secret BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    token_hash BLOB PRIMARY KEY,
    member BLOB NOT NULL REFERENCES members (id),
    body BLOB NOT NULL,
    until_second INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What came in and is not yet due: whole tips (side 0, seq 0) and later letters, all one kind of row.
CREATE TABLE intake (
    id BLOB PRIMARY KEY,
    lookup BLOB NOT NULL,
    case_id BLOB NOT NULL,
    seq INTEGER NOT NULL,
    due_second INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (case_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX intake_lookup ON intake (lookup);

CREATE TABLE receipts (
    lookup BLOB PRIMARY KEY,
    case_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Kept apart from the data in backups; without its row nothing sealed of a case opens.
CREATE TABLE shreds (
    case_id BLOB PRIMARY KEY,
    shred BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE cases (
    id BLOB PRIMARY KEY,
    organisation BLOB NOT NULL REFERENCES organisations (id),
    seen_hour INTEGER NOT NULL,
    stage INTEGER NOT NULL,
    fields BLOB NOT NULL,
    box BLOB NOT NULL,
    holders BLOB NOT NULL,
    upper BLOB NOT NULL,
    tip BLOB NOT NULL,
    dossier BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX cases_organisation ON cases (organisation);

CREATE TABLE records (
    case_id BLOB NOT NULL REFERENCES cases (id),
    side INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    day INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (case_id, side, seq)
) STRICT, WITHOUT ROWID;

-- A member's own resealed copy of a key, so that a long inbox opens fast.
CREATE TABLE key_cache (
    case_id BLOB NOT NULL REFERENCES cases (id),
    row_id BLOB NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (case_id, row_id)
) STRICT, WITHOUT ROWID;

-- One append-only chain a case; each row's hash covers the one before it.
CREATE TABLE case_audit (
    case_id BLOB NOT NULL REFERENCES cases (id),
    seq INTEGER NOT NULL,
    body BLOB NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (case_id, seq)
) STRICT, WITHOUT ROWID;

-- What readiness writes, to prove that a letter could be stored. It says nothing.
CREATE TABLE readiness (
    only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
    beat INTEGER NOT NULL
) STRICT;
INSERT INTO readiness (only_one, beat) VALUES (1, 0);
