//! Values attached to a record that are not part of its data.

use std::{
    any::Any,
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
};

/// Values attached to a [`Record`](super::Record) on its way to a sink that are not part of its data, such as the span
/// of the request: at most one value of each type.
///
/// They are not serialized and not compared, and a clone of a record has none: keeping records keeps no attached value
/// alive.
///
/// ```
/// # let mut record = body_logger_core::Record::example();
/// record.extensions_mut().insert(7_u8);
/// assert_eq!(record.extensions().get::<u8>(), Some(&7));
/// assert_eq!(record.clone().extensions().get::<u8>(), None);
/// ```
#[derive(Default)]
pub struct Extensions {
    // A list, as nearly all records have no extension, and few more than one.
    values: Vec<Box<dyn Value>>,
}

/// A value of any type that keeps `Record` `Send`, `Sync` and unwind-safe.
trait Value: Any + Send + Sync + UnwindSafe + RefUnwindSafe {}

impl<T: Any + Send + Sync + UnwindSafe + RefUnwindSafe> Value for T {}

impl Extensions {
    /// Adds a value, replacing one of the same type.
    pub fn insert<T: Any + Send + Sync + UnwindSafe + RefUnwindSafe>(&mut self, value: T) {
        self.values
            .retain(|other| downcast::<T>(&**other).is_none());
        self.values.push(Box::new(value));
    }

    /// Returns the value of this type.
    #[must_use]
    pub fn get<T: Any>(&self) -> Option<&T> {
        self.values.iter().find_map(|value| downcast(&**value))
    }
}

fn downcast<T: Any>(value: &dyn Value) -> Option<&T> {
    let value: &dyn Any = value;
    value.downcast_ref()
}

impl Clone for Extensions {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Extensions {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl fmt::Debug for Extensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extensions")
            .field("values", &self.values.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_one_value_per_type_and_clones_to_none() {
        let mut extensions = Extensions::default();
        extensions.insert(1_u8);
        extensions.insert("text");
        extensions.insert(2_u8);
        assert_eq!(extensions.get::<u8>(), Some(&2));
        assert_eq!(extensions.get::<&str>(), Some(&"text"));
        assert_eq!(extensions.get::<u16>(), None);
        let copy = extensions.clone();
        assert_eq!(copy.get::<u8>(), None);
        assert_eq!(copy, extensions);
    }
}
