//! Records as text.

pub(crate) mod line;
