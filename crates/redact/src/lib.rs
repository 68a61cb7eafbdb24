#![doc = include_str!("../README.md")]

mod characters;
mod clean;
mod containers;
mod cookies;
mod decision;
mod encoded;
mod explain;
mod families;
mod field;
mod field_path;
mod finding;
mod headers;
mod json;
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
mod text;
mod url;

pub use self::{
    containers::{RedactedText, Route},
    explain::{Explanation, Format, Hidden},
    field_path::{FieldPath, ParseFieldPathError},
    finding::Rule,
    mask::MASK,
    multipart::{header_parameter, Multipart, Part, PartContent, PartText, UnclearParameter},
    redacted::{Content, Counts, End, Extent, Redacted},
    redactor::{Redactor, RedactorBuilder},
};
