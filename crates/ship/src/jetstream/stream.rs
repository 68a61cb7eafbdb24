//! The stream: made, or checked.

use std::time::Duration;

use async_nats::jetstream::{
    context::GetStreamErrorKind,
    stream::{Config, RetentionPolicy, Stream},
    Context, ErrorCode,
};

use super::subject::{covers, overlaps};
use crate::destination::SendError;

/// What is asked of a stream.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) subjects: String,
    pub(super) replicas: usize,
    pub(super) duplicate_window: Duration,
}

impl Wanted {
    /// Returns the stream; it is made if there is none.
    pub(super) async fn get(&self, jetstream: &Context) -> Result<Stream, SendError> {
        let stream = match jetstream.get_stream(&self.name).await {
            Ok(stream) => stream,
            Err(error) => match error.kind() {
                GetStreamErrorKind::JetStream(cause)
                    if cause.error_code() == ErrorCode::STREAM_NOT_FOUND =>
                {
                    let made = jetstream.create_stream(self.config()).await;
                    let made = made.map_err(SendError::unavailable)?;
                    log::debug!("body logger: created the stream {}", self.name);
                    made
                }
                _ => return Err(SendError::unavailable(error)),
            },
        };
        match self.misfits(&stream.cached_info().config) {
            misfits if misfits.is_empty() => Ok(stream),
            misfits => {
                let message = format!("stream {} does not fit: {}", self.name, misfits.join("; "));
                Err(SendError::unavailable(message))
            }
        }
    }

    fn config(&self) -> Config {
        Config {
            name: self.name.clone(),
            subjects: vec![self.subjects.clone()],
            num_replicas: self.replicas,
            duplicate_window: self.duplicate_window,
            ..Config::default()
        }
    }

    /// What of a stream would lose or repeat entries.
    fn misfits(&self, config: &Config) -> Vec<String> {
        let mut misfits = Vec::new();
        if !config
            .subjects
            .iter()
            .any(|pattern| covers(pattern, &self.subjects))
        {
            let has = config.subjects.join(", ");
            misfits.push(format!(
                "it has the subjects {has}, and {} is needed",
                self.subjects
            ));
        }
        let transform = config.subject_transform.as_ref();
        if let Some(it) = transform.filter(|it| overlaps(&it.source, &self.subjects)) {
            // What is stored would not be found by its subject when it is read back.
            let (from, to) = (&it.source, &it.destination);
            misfits.push(format!("it changes the subjects {from} to {to}"));
        }
        if config.num_replicas < self.replicas {
            let (has, needed) = (config.num_replicas, self.replicas);
            misfits.push(format!("it has {has} replicas, and {needed} are needed"));
        }
        if config.duplicate_window < self.duplicate_window {
            let (has, needed) = (config.duplicate_window, self.duplicate_window);
            misfits.push(format!(
                "its duplicate window is {has:?}, and {needed:?} is needed"
            ));
        }
        if config.no_ack {
            misfits.push("it acknowledges nothing".to_owned());
        }
        if config.max_messages_per_subject > 0 {
            let most = config.max_messages_per_subject;
            misfits.push(format!("it keeps {most} messages of a subject only"));
        }
        if config.retention != RetentionPolicy::Limits {
            // What a consumer has taken would not be found when it is read back.
            misfits.push("it keeps only what consumers have not acknowledged".to_owned());
        }
        misfits
    }
}

#[cfg(test)]
mod tests {
    use async_nats::jetstream::stream::SubjectTransform;

    use super::*;

    #[test]
    fn says_all_that_does_not_fit() {
        let wanted = Wanted {
            name: "AUDIT".to_owned(),
            subjects: "audit.>".to_owned(),
            replicas: 3,
            duplicate_window: Duration::from_secs(120),
        };
        let transform = |source: &str, destination: &str| SubjectTransform {
            source: source.to_owned(),
            destination: destination.to_owned(),
        };
        let fits = Config {
            subject_transform: Some(transform("orders.>", "old.>")),
            ..wanted.config()
        };
        assert_eq!(wanted.misfits(&fits), [""; 0]);
        let other = Config {
            subjects: vec!["other.>".to_owned()],
            subject_transform: Some(transform("audit.*.>", "old.>")),
            num_replicas: 1,
            duplicate_window: Duration::from_secs(1),
            no_ack: true,
            max_messages_per_subject: 1,
            retention: RetentionPolicy::Interest,
            ..Config::default()
        };
        assert_eq!(
            wanted.misfits(&other),
            [
                "it has the subjects other.>, and audit.> is needed",
                "it changes the subjects audit.*.> to old.>",
                "it has 1 replicas, and 3 are needed",
                "its duplicate window is 1s, and 120s is needed",
                "it acknowledges nothing",
                "it keeps 1 messages of a subject only",
                "it keeps only what consumers have not acknowledged",
            ]
        );
    }
}
