#![doc = include_str!("../README.md")]
#![allow(dead_code, reason = "a skeleton, until all rooms are in use")]

mod cookies;
mod decision;
mod explain;
mod families;
mod field_path;
mod finding;
mod json;
mod mask;
mod multipart;
mod names;
mod path;
mod percent;
mod redacted;
mod redactor;
mod rules;
mod scan;
mod text;

pub use self::{
    explain::{Explanation, Format, Hidden},
    field_path::{FieldPath, ParseFieldPathError},
    finding::Rule,
    mask::MASK,
    redacted::{Content, Counts, End, Extent, Redacted},
    redactor::{Redactor, RedactorBuilder},
};
