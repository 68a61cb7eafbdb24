"""Verifies a log with the Python package aics-tlog, which knows the formats and nothing of this crate.

Arguments: the log, the verifier key, a proof of a line, and the requests with which checkpoints were published.
"""

import base64
import sys
from pathlib import Path

from aics_tlog import (
    DirectoryTileStore,
    MerkleTree,
    VerifiedTileReader,
    consistency_proof_from_tiles,
    inclusion_proof_from_tiles,
    parse_vkey,
    verify_checkpoint,
    verify_consistency,
    verify_leaf_inclusion,
)
from aics_tlog.checkpoint import checkpoint_from_note

log, key, proof, *requests = sys.argv[1:]
key = parse_vkey(key)


def checkpoint(text):
    checkpoint, note = checkpoint_from_note(text)
    verified = verify_checkpoint(note, key)
    assert verified.ok, verified.error
    return checkpoint


directory = Path(log + ".tlog")
newest = checkpoint((directory / "checkpoint").read_text(encoding="utf-8"))

# The tree over the lines of all files.
path = Path(log)
files = sorted(path.parent.glob(f"{path.stem}.*Z{path.suffix}")) + [path]
lines = b"".join(file.read_bytes() for file in files).split(b"\n")
assert lines.pop() == b""
tree = MerkleTree(lines)
assert tree.root(newest.size) == newest.root
assert len(lines) == newest.size

# The tiles, and what is proven by them.
tiles = VerifiedTileReader(DirectoryTileStore(str(directory)), newest.size, newest.root)
for index, line in enumerate(lines):
    proven = inclusion_proof_from_tiles(tiles, index, newest.size)
    assert verify_leaf_inclusion(line, index, newest.size, proven, newest.root)

# Published checkpoints, each with a proof that it continues the one before.
roots = {}
for request in requests:
    request = Path(request).read_text(encoding="utf-8")
    head, note = request.split("\n\n", 1)
    old, *hashes = head.split("\n")
    old = int(old.removeprefix("old "))
    new = checkpoint(note)
    roots[new.size] = new.root
    hashes = [base64.b64decode(line, validate=True) for line in hashes]
    assert verify_consistency(old, new.size, roots[old], new.root, hashes), (old, new.size)
    assert hashes == consistency_proof_from_tiles(tiles, old, new.size, newest.size)

# The proof of a line, by itself.
head, note = Path(proof).read_text(encoding="utf-8").split("\n\n", 1)
header, extra, index, *hashes = head.split("\n")
assert header == "c2sp.org/tlog-proof@v1"
line = base64.b64decode(extra.removeprefix("extra "), validate=True)
hashes = [base64.b64decode(hash, validate=True) for hash in hashes]
proven = checkpoint(note)
index = int(index.removeprefix("index "))
assert verify_leaf_inclusion(line, index, proven.size, hashes, proven.root)
assert lines[index] == line

print(f"{len(lines)} lines, {len(requests)} checkpoints")
