-- Version 1.
--
-- A position is split into blocks of 32,768. Every index begins with the block, so that writing touches the pages of the newest
-- block only, deleting the oldest block frees whole pages, and a query can go from block to block, within a limit of time each.

-- The lines, as they are in a log of JSON lines: the truth, from which all else is derived.
CREATE TABLE lines (
    position INTEGER PRIMARY KEY,
    json TEXT NOT NULL
);

-- What filters and sums ask about. Times in microseconds since 1970.
CREATE TABLE entries (
    position INTEGER PRIMARY KEY,
    block INTEGER NOT NULL,
    kind INTEGER NOT NULL,          -- 0 record, 1 gap, 2 maintenance
    whole INTEGER NOT NULL,         -- whether it is the one record of its exchange that is counted
    time INTEGER NOT NULL,          -- of a gap the end
    time_from INTEGER NOT NULL,     -- of a gap the beginning
    bytes INTEGER NOT NULL,         -- of the line
    entry_id BLOB NOT NULL,
    run BLOB,
    exchange_seq INTEGER,           -- of an exchange in stages: the number of its first record
    id TEXT,
    trace TEXT,
    client TEXT,
    client_host TEXT,
    method TEXT,
    path TEXT,
    route TEXT,
    status INTEGER,
    outcome TEXT,
    duration_us INTEGER,
    request_bytes INTEGER,
    response_bytes INTEGER,
    lost INTEGER,
    withheld INTEGER
);
CREATE INDEX by_entry_id ON entries (block, entry_id);
CREATE INDEX by_id ON entries (block, id);
CREATE INDEX by_trace ON entries (block, trace) WHERE trace IS NOT NULL;
CREATE INDEX by_client ON entries (block, client_host) WHERE client_host IS NOT NULL;
CREATE INDEX by_path ON entries (block, path);
CREATE INDEX by_route ON entries (block, route) WHERE route IS NOT NULL;
CREATE INDEX by_status ON entries (block, status) WHERE status IS NOT NULL;
CREATE INDEX by_outcome ON entries (block, outcome) WHERE outcome IS NOT NULL;
CREATE INDEX by_exchange ON entries (run, exchange_seq) WHERE exchange_seq IS NOT NULL;
CREATE INDEX gaps ON entries (time) WHERE kind = 1;

CREATE TABLE attributes (
    block INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (block, name, value, position)
) WITHOUT ROWID;

-- The words of each record, already in lower case; words that do not follow each other are separated by a pilcrow.
CREATE VIRTUAL TABLE search USING fts5 (
    words, content = '', contentless_delete = 1, tokenize = 'ascii'
);

-- Sums, and the times that occur in a block.
CREATE TABLE blocks (
    block INTEGER PRIMARY KEY,
    min_time INTEGER NOT NULL,
    max_time INTEGER NOT NULL,
    records INTEGER NOT NULL,
    gaps INTEGER NOT NULL,
    bytes INTEGER NOT NULL
);
