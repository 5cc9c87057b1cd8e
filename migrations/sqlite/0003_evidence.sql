-- Chunks of files, named by the keyring: without it a row's id tells no file, no number, no order.
CREATE TABLE resting_chunks (
    id BLOB PRIMARY KEY,
    case_id BLOB NOT NULL,
    due_second INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX resting_chunks_case ON resting_chunks (case_id);

CREATE TABLE chunks (
    id BLOB PRIMARY KEY,
    case_id BLOB NOT NULL REFERENCES cases (id),
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX chunks_case ON chunks (case_id);
