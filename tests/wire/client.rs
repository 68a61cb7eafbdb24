//! A client that does as its script says.

use std::{fmt, future::Future, rc::Rc};

use actix_web::{body::MessageBody, App};

use crate::{
    application::{Answer, Endpoint, Passed, Script, Trace},
    connection::{Connection, State, Wire},
};

/// All that happens on one connection.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// One to each request.
    pub answers: Vec<Answer>,
    /// How many bytes the client takes at first.
    pub window: usize,
    pub acts: Vec<Act>,
}

/// What a client does once nothing moves any more.
#[derive(Clone)]
pub enum Act {
    Send(Vec<u8>),
    /// Takes more bytes.
    Take(usize),
    /// Takes all bytes from now on.
    TakeAll,
    /// Sends no more.
    Finish,
    Reset,
}

impl fmt::Debug for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(bytes) => {
                let begin = String::from_utf8_lossy(&bytes[..bytes.len().min(500)]);
                write!(f, "Send({} bytes, {begin:?})", bytes.len())
            }
            Self::Take(bytes) => write!(f, "Take({bytes})"),
            Self::TakeAll => f.write_str("TakeAll"),
            Self::Finish => f.write_str("Finish"),
            Self::Reset => f.write_str("Reset"),
        }
    }
}

/// How it went.
#[derive(PartialEq, Eq)]
pub struct Played {
    pub written: Vec<u8>,
    pub closed: bool,
    pub state: State,
    pub begun: Vec<usize>,
    pub passed: Vec<Option<Passed>>,
    pub trace: Vec<String>,
}

impl fmt::Debug for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", String::from_utf8_lossy(&self.written))?;
        writeln!(f, "closed: {}, {:?}", self.closed, self.state)?;
        for event in &self.trace {
            writeln!(f, "  {event}")?;
        }
        Ok(())
    }
}

impl Conversation {
    /// Plays it to an application.
    pub async fn play<T, B, F>(
        &self,
        app: impl FnOnce(&Rc<Script>) -> App<T>,
        others: impl Fn() -> F,
    ) -> Played
    where
        T: Endpoint<B>,
        B: MessageBody + 'static,
        F: Future<Output = ()>,
    {
        let trace = Trace::default();
        let script = Script::new(self.answers.clone(), trace.clone());
        let others = || {
            script.rest.end();
            others()
        };
        let wire = Wire::new(self.window, trace.clone());
        let mut connection = Connection::serve(&wire, app(&script));
        let mut state = connection.settle(&others).await;
        let end = [Act::TakeAll, Act::Finish];
        for act in self.acts.iter().chain(&end) {
            if state != State::Waiting {
                break;
            }
            trace.add(format!("client: {act:?}"));
            match act {
                Act::Send(bytes) => wire.send(bytes),
                Act::Take(bytes) => wire.open(*bytes),
                Act::TakeAll => wire.open(usize::MAX),
                Act::Finish => wire.finish(),
                Act::Reset => wire.reset(),
            }
            state = connection.settle(&others).await;
        }
        drop(connection);
        others().await;
        let begun = script.begun.borrow().clone();
        let passed = script.passed.borrow().clone();
        Played {
            written: wire.written(),
            closed: wire.is_closed(),
            state,
            begun,
            passed,
            trace: trace.take(),
        }
    }
}
