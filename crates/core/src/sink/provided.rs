//! Sinks made of closures, pointers and options.

use std::{borrow::Cow, sync::Arc};

use super::{type_name, BatchOptions, Placement, Sink, SinkError};
use crate::record::{Entry, Record};

impl<F: Fn(&Record) + Send + Sync + 'static> Sink for F {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        for entry in entries {
            match entry {
                Entry::Record(record) if record.is_whole() => self(record),
                Entry::Record(_) | Entry::Gap(_) | Entry::Maintenance(_) => {}
            }
        }
        Ok(())
    }
}

macro_rules! forward_to_sink {
    () => {
        fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
            (**self).write(entries)
        }

        fn flush(&self) -> Result<(), SinkError> {
            (**self).flush()
        }

        fn sync(&self) -> Result<(), SinkError> {
            (**self).sync()
        }

        fn placement(&self) -> Placement {
            (**self).placement()
        }

        fn batch_options(&self) -> BatchOptions {
            (**self).batch_options()
        }

        fn needs_span(&self) -> bool {
            (**self).needs_span()
        }

        fn needs_headers(&self) -> bool {
            (**self).needs_headers()
        }

        fn is_durable(&self) -> bool {
            (**self).is_durable()
        }

        fn added_line_bytes(&self) -> usize {
            (**self).added_line_bytes()
        }

        fn name(&self) -> Cow<'_, str> {
            (**self).name()
        }
    };
}

impl Sink for Box<dyn Sink> {
    forward_to_sink!();
}

impl<S: Sink + ?Sized> Sink for Arc<S> {
    forward_to_sink!();
}

/// `None` accepts everything and keeps nothing.
impl<S: Sink> Sink for Option<S> {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        self.as_ref().map_or(Ok(()), |sink| sink.write(entries))
    }

    fn flush(&self) -> Result<(), SinkError> {
        self.as_ref().map_or(Ok(()), S::flush)
    }

    fn sync(&self) -> Result<(), SinkError> {
        self.as_ref().map_or(Ok(()), S::sync)
    }

    fn placement(&self) -> Placement {
        self.as_ref().map_or(Placement::Worker, S::placement)
    }

    fn batch_options(&self) -> BatchOptions {
        self.as_ref().map(S::batch_options).unwrap_or_default()
    }

    fn needs_span(&self) -> bool {
        self.as_ref().is_some_and(S::needs_span)
    }

    fn needs_headers(&self) -> bool {
        self.as_ref().is_some_and(S::needs_headers)
    }

    fn is_durable(&self) -> bool {
        self.as_ref().is_some_and(S::is_durable)
    }

    fn added_line_bytes(&self) -> usize {
        self.as_ref().map_or(0, S::added_line_bytes)
    }

    fn name(&self) -> Cow<'_, str> {
        self.as_ref().map_or(type_name::<S>().into(), S::name)
    }
}
