-- Two tips under one receipt, taken in at one moment, would stop every tick at `receipts`.
CREATE UNIQUE INDEX intake_receipt ON intake (lookup) WHERE seq = 0;
