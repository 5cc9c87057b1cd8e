-- Coarse times only: days and hours since 1970. No column says when a reporter came.
-- Sealed columns are bound to (table, column, row) by the at-rest keyring.

CREATE TABLE deployment (
    only_one BIGINT PRIMARY KEY CHECK (only_one = 1),
    id UUID NOT NULL,
    root_key BYTEA NOT NULL
);

CREATE TABLE organisations (
    id UUID PRIMARY KEY,
    parent UUID REFERENCES organisations (id),
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    initials TEXT NOT NULL,
    kind TEXT NOT NULL,
    stage TEXT,
    level BIGINT NOT NULL,
    city_run BIGINT NOT NULL
);

-- Statements as signed; `kind` is identity, handover, epoch, roster or service.
CREATE TABLE statements (
    kind TEXT NOT NULL,
    subject UUID NOT NULL,
    serial BIGINT NOT NULL,
    until_day BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (kind, subject, serial)
);

-- Members as an epoch names them: what visitors are shown.
CREATE TABLE colleagues (
    organisation UUID NOT NULL REFERENCES organisations (id),
    epoch BIGINT NOT NULL,
    member UUID NOT NULL,
    statement BYTEA NOT NULL,
    kem_key BYTEA NOT NULL,
    PRIMARY KEY (organisation, epoch, member)
);

CREATE TABLE organisation_keys (
    organisation UUID NOT NULL REFERENCES organisations (id),
    epoch BIGINT NOT NULL,
    public_key BYTEA NOT NULL,
    back BYTEA,
    PRIMARY KEY (organisation, epoch)
);

CREATE TABLE members (
    id UUID PRIMARY KEY,
    organisation UUID NOT NULL REFERENCES organisations (id),
    account_lookup BYTEA NOT NULL UNIQUE,
    role BIGINT NOT NULL,
    signing_key BYTEA NOT NULL,
    kem_key BYTEA NOT NULL,
    profile BYTEA NOT NULL,
    auth BYTEA NOT NULL,
    root BYTEA NOT NULL,
    recovery BYTEA NOT NULL
);

-- Organisation seeds (purpose 3) and identity seeds (purpose 4), each wrapped to one key.
CREATE TABLE seed_wraps (
    organisation UUID NOT NULL REFERENCES organisations (id),
    purpose BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    recipient BYTEA NOT NULL,
    wrap BYTEA NOT NULL,
    PRIMARY KEY (organisation, purpose, epoch, recipient)
);

CREATE TABLE intake_keys (
    key_id BYTEA PRIMARY KEY,
    public_key BYTEA NOT NULL,
    from_day BIGINT NOT NULL,
    until_day BIGINT NOT NULL,
    statement BYTEA NOT NULL,
    secret BYTEA NOT NULL
);

CREATE TABLE sessions (
    token_hash BYTEA PRIMARY KEY,
    member UUID NOT NULL REFERENCES members (id),
    body BYTEA NOT NULL,
    until_second BIGINT NOT NULL
);

-- What came in and is not yet due: whole tips (side 0, seq 0) and later letters, all one kind of row.
CREATE TABLE intake (
    id UUID PRIMARY KEY,
    lookup BYTEA NOT NULL,
    case_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    due_second BIGINT NOT NULL,
    body BYTEA NOT NULL,
    UNIQUE (case_id, seq)
);
CREATE INDEX intake_lookup ON intake (lookup);

CREATE TABLE receipts (
    lookup BYTEA PRIMARY KEY,
    case_id UUID NOT NULL
);

-- Kept apart from the data in backups; without its row nothing sealed of a case opens.
CREATE TABLE shreds (
    case_id UUID PRIMARY KEY,
    shred BYTEA NOT NULL
);

CREATE TABLE cases (
    id UUID PRIMARY KEY,
    organisation UUID NOT NULL REFERENCES organisations (id),
    seen_hour BIGINT NOT NULL,
    stage BIGINT NOT NULL,
    fields BYTEA NOT NULL,
    box BYTEA NOT NULL,
    holders BYTEA NOT NULL,
    upper BYTEA NOT NULL,
    tip BYTEA NOT NULL,
    dossier BYTEA
);
CREATE INDEX cases_organisation ON cases (organisation);

CREATE TABLE records (
    case_id UUID NOT NULL REFERENCES cases (id),
    side BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    day BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (case_id, side, seq)
);

-- A member's own resealed copy of a key, so that a long inbox opens fast.
CREATE TABLE key_cache (
    case_id UUID NOT NULL REFERENCES cases (id),
    row_id BYTEA NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (case_id, row_id)
);

-- One append-only chain a case; each row's hash covers the one before it.
CREATE TABLE case_audit (
    case_id UUID NOT NULL REFERENCES cases (id),
    seq BIGINT NOT NULL,
    body BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (case_id, seq)
);

-- What readiness writes, to prove that a letter could be stored. It says nothing.
CREATE TABLE readiness (
    only_one BIGINT PRIMARY KEY CHECK (only_one = 1),
    beat BIGINT NOT NULL
);
INSERT INTO readiness (only_one, beat) VALUES (1, 0);
