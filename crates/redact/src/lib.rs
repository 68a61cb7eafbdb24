#![doc = include_str!("../README.md")]

mod address;
mod characters;
mod clean;
mod cookies;
mod decision;
mod encoded;
mod explain;
mod families;
mod field;
mod field_path;
mod finding;
mod formats;
mod harmless;
mod headers;
mod input;
mod json;
mod layers;
mod mask;
mod masker;
mod multipart;
mod names;
mod pairs;
mod path;
mod percent;
mod plain;
mod redacted;
mod redactor;
mod rules;
mod scan;
mod sieve;
mod text;
mod url;

pub use self::{
    explain::Explanation,
    field_path::{FieldPath, ParseFieldPathError},
    finding::Rule,
    input::{Extent, Format, Route},
    mask::MASK,
    multipart::{header_parameter, Multipart, Part, PartContent, PartText, UnclearParameter},
    redacted::{Content, Counts, End, Hidden, Redacted, RedactedText},
    redactor::{Redactor, RedactorBuilder},
};
