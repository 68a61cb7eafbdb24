//! Messages that were published, and their acknowledgements.

use std::{collections::VecDeque, error::Error, fmt, time::Duration};

use async_nats::{
    header::NATS_MESSAGE_ID,
    jetstream::{self, ErrorCode},
    Client, HeaderMap, Message, StatusCode, Subject, Subscriber,
};
use futures_util::StreamExt;
use serde::Deserialize;
use tokio::time;
use uuid::Uuid;

use crate::{batch::Outgoing, destination::SendError};

/// Number of messages that are not acknowledged yet.
const MAX_IN_FLIGHT: u64 = 4096;

/// How long no acknowledgement may arrive where some are due. A server that loses its place as leader sends none.
const SILENCE: Duration = Duration::from_secs(5);

/// The messages that were published since what was [taken](Self::take) last, in their order.
///
/// One subscription receives all acknowledgements, and the last token of its subject says which message each is for. The
/// client's own futures, of which each has a channel, a semaphore, timers and a subject, take several times as long.
pub(super) struct Outstanding {
    client: Client,
    replies: Subscriber,
    inbox: String,
    /// The number of the first of `messages`.
    first: u64,
    messages: VecDeque<Published>,
    /// All messages before this one have an answer.
    answered: u64,
    refused: Option<String>,
}

struct Published {
    id: Uuid,
    answer: Answer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    None,
    /// The message, or the same one before, has this number in the stream.
    Stored(u64),
    Refused,
}

/// What a server says of a message.
#[derive(Deserialize)]
struct Reply {
    #[serde(default)]
    seq: u64,
    error: Option<jetstream::Error>,
}

impl Outstanding {
    pub(super) async fn new(client: Client) -> Result<Self, SendError> {
        let inbox = client.new_inbox();
        let replies = client.subscribe(format!("{inbox}.*")).await;
        Ok(Self {
            client,
            replies: replies.map_err(SendError::unavailable)?,
            inbox,
            first: 0,
            messages: VecDeque::new(),
            answered: 0,
            refused: None,
        })
    }

    /// The number of the next message.
    pub(super) fn next(&self) -> u64 {
        self.first + self.messages.len() as u64
    }

    /// Publishes an entry. Waits where too many have no answer yet.
    pub(super) async fn publish(
        &mut self,
        subject: String,
        entry: &Outgoing,
    ) -> Result<(), SendError> {
        while self.next() - self.answered >= MAX_IN_FLIGHT {
            self.receive().await?;
        }
        let mut id = Uuid::encode_buffer();
        let id: &str = entry.entry_id().hyphenated().encode_lower(&mut id);
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, id);
        let reply = Subject::from(format!("{}.{}", self.inbox, self.next()));
        let published = self.client.publish_with_reply_and_headers(
            Subject::from(subject),
            reply,
            headers,
            entry.json().clone(),
        );
        published.await.map_err(SendError::unavailable)?;
        self.messages.push_back(Published {
            id: entry.entry_id(),
            answer: Answer::None,
        });
        Ok(())
    }

    /// Waits until all messages before this number are stored, and forgets them. Returns the highest number that one of them
    /// has in the stream, if there are any. If a message is refused, waits for the answers to all of them.
    pub(super) async fn take(&mut self, before: u64) -> Result<Option<u64>, SendError> {
        while self.answered < before && self.refused.is_none() {
            self.receive().await?;
        }
        if let Some(reason) = self.refused.take() {
            while self.answered < self.next() {
                self.receive().await?;
            }
            return Err(SendError::refused(reason));
        }
        let taken = self.messages.drain(..(before - self.first) as usize);
        let sequences = taken.filter_map(|message| match message.answer {
            Answer::Stored(sequence) => Some(sequence),
            _ => None,
        });
        let highest = sequences.max();
        self.first = before;
        Ok(highest)
    }

    /// Has the next [`take`](Self::take) say that something is refused.
    pub(super) fn refuse(&mut self, reason: String) {
        self.refused.get_or_insert(reason);
    }

    /// Forgets all messages, and returns the ids of those that are stored.
    pub(super) fn take_stored(&mut self) -> impl Iterator<Item = Uuid> + '_ {
        self.first = self.next();
        let taken = self.messages.drain(..);
        taken.filter_map(|message| match message.answer {
            Answer::Stored(_) => Some(message.id),
            _ => None,
        })
    }

    /// Waits for an answer.
    async fn receive(&mut self) -> Result<(), SendError> {
        let reply = time::timeout(SILENCE, self.replies.next()).await;
        let reply = reply.map_err(|_| SendError::unavailable(Silence))?;
        let reply = reply.ok_or_else(|| SendError::unavailable("the connection is closed"))?;
        let number = reply.subject.rsplit('.').next();
        let number: Option<u64> = number.and_then(|number| number.parse().ok());
        let answer = self.answer(&reply)?;
        let index = number.and_then(|number| number.checked_sub(self.first));
        // Of a message that was given up, or none of ours.
        let Some(message) = index.and_then(|index| self.messages.get_mut(index as usize)) else {
            return Ok(());
        };
        message.answer = answer;
        let from = (self.answered - self.first) as usize;
        let answered = self.messages.range(from..);
        self.answered += answered
            .take_while(|message| message.answer != Answer::None)
            .count() as u64;
        Ok(())
    }

    fn answer(&mut self, reply: &Message) -> Result<Answer, SendError> {
        if reply.status == Some(StatusCode::NO_RESPONDERS) {
            return Err(SendError::unavailable("no stream stores this subject"));
        }
        let parsed: Reply =
            serde_json::from_slice(&reply.payload).map_err(SendError::unavailable)?;
        match parsed.error {
            None => Ok(Answer::Stored(parsed.seq)),
            Some(error) if error.error_code() == ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM => {
                self.refuse(error.to_string());
                Ok(Answer::Refused)
            }
            Some(error) => Err(SendError::unavailable(error)),
        }
    }
}

#[derive(Debug)]
struct Silence;

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no message was acknowledged for {SILENCE:?}")
    }
}

impl Error for Silence {}
