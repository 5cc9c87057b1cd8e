-- Chunks of files, named by the keyring: without it a row's id tells no file, no number, no order.
CREATE TABLE resting_chunks (
    id BYTEA PRIMARY KEY,
    case_id UUID NOT NULL,
    due_second BIGINT NOT NULL,
    body BYTEA NOT NULL
);
CREATE INDEX resting_chunks_case ON resting_chunks (case_id);

CREATE TABLE chunks (
    id BYTEA PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    body BYTEA NOT NULL
);
CREATE INDEX chunks_case ON chunks (case_id);
