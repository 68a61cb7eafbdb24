#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod checkpoint;
mod directory;
mod error;
mod files;
mod index;
mod key;
mod lines;
mod proof;
mod proofs;
mod prove;
mod state;
mod tiles;
mod tree;
mod verify;

pub use self::{
    checkpoint::Checkpoint,
    error::Error,
    key::{SigningKey, VerifierKey},
    lines::LinePlace,
    proof::LineProof,
    proofs::{NewCheckpoint, Proofs},
    prove::{find_lines, prove},
    state::{log_state, LogState},
    verify::{Fault, LineChange, Verification, Verifier},
};
