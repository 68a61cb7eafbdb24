//! What travels with a record and is no data.

use std::{
    any::Any,
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
};

/// What travels with a [`Record`](super::Record) to a sink and is no part of what it says: at most one value of each type,
/// such as the span of a request.
///
/// It is not written, makes no difference when records are compared, and a copy of a record has none of it: whoever keeps
/// records does not keep alive what travels with them.
///
/// ```
/// # let mut record = body_logger_core::Record::example();
/// record.extensions_mut().insert(7_u8);
/// assert_eq!(record.extensions().get::<u8>(), Some(&7));
/// assert_eq!(record.clone().extensions().get::<u8>(), None);
/// ```
#[derive(Default)]
pub struct Extensions {
    // Nearly all records have none, and few more than one.
    values: Vec<Box<dyn Value>>,
}

/// A value of any type that leaves a record what it is: records go to other threads, and through what may panic.
trait Value: Any + Send + Sync + UnwindSafe + RefUnwindSafe {}

impl<T: Any + Send + Sync + UnwindSafe + RefUnwindSafe> Value for T {}

impl Extensions {
    /// Adds a value, in the place of one of the same type.
    pub fn insert<T: Any + Send + Sync + UnwindSafe + RefUnwindSafe>(&mut self, value: T) {
        self.values
            .retain(|other| downcast::<T>(&**other).is_none());
        self.values.push(Box::new(value));
    }

    /// The value of this type.
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
    fn there_is_one_value_of_a_type_and_none_in_a_copy() {
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
