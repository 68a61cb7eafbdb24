//! The thread of a spool, which alone touches its files.

use std::{
    collections::HashMap,
    fmt, io,
    path::PathBuf,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc::{channel, Receiver, Sender},
        Arc,
    },
    thread,
};

use body_logger_core::{
    contain,
    record::{BodyFile, NoFile},
};
use uuid::Uuid;

use super::{
    block::Block,
    content::{Content, Sealing, Target},
    disk::Disk,
    names::FileId,
    options::SpoolSync,
    retention::Retention,
    shared_body::SpooledBody,
};

/// Maximum number of bodies that have ended and wait for the disk.
const MAX_ENDED: usize = 1024;

/// The file of a body, or why there is none.
pub(crate) type Spooled = Result<BodyFile, Missing>;

/// Gets the file of a body, on the spool's thread.
pub(crate) type Report = Box<dyn FnOnce(Spooled) + Send>;

/// Why a body has no file.
#[derive(Debug)]
pub(crate) struct Missing {
    pub(crate) reason: NoFile,
    /// What failed, for the application's log.
    pub(crate) error: Option<String>,
}

impl Missing {
    pub(super) fn new(reason: NoFile) -> Self {
        Self {
            reason,
            error: None,
        }
    }
}

pub(super) enum Command {
    /// Appends to the file of a body, which is created with its first block.
    Write(Block),
    /// Finishes a file, and reports it.
    Finish {
        body: Arc<SpooledBody>,
        last: Option<Block>,
        whole: bool,
        report: Report,
        _ended: Ended,
    },
    /// Removes a file.
    Discard(Arc<SpooledBody>),
}

/// The way to the thread.
#[derive(Clone)]
pub(super) struct Commands {
    sender: Sender<Command>,
    /// How many bodies have ended and wait.
    ended: Arc<AtomicUsize>,
}

/// Counts one body that has ended and waits.
pub(super) struct Ended(Arc<AtomicUsize>);

impl Commands {
    /// Sends a command. If the thread is gone, which it never is while this exists, dropping the command does the rest.
    pub(super) fn send(&self, command: Command) {
        let _ = self.sender.send(command);
    }

    /// Has a file finished; or discarded, if too many wait for that already.
    pub(super) fn finish(
        &self,
        body: Arc<SpooledBody>,
        last: Option<Block>,
        whole: bool,
        report: Report,
    ) {
        let waiting = self.ended.fetch_add(1, Ordering::Relaxed);
        let ended = Ended(Arc::clone(&self.ended));
        if waiting >= MAX_ENDED {
            body.end();
            self.send(Command::Discard(body));
            return report(Err(Missing::new(NoFile::TooSlow)));
        }
        self.send(Command::Finish {
            body,
            last,
            whole,
            report,
            _ended: ended,
        });
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for Commands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Commands").finish_non_exhaustive()
    }
}

/// Options of the thread.
pub(super) struct Options {
    pub(super) path: PathBuf,
    pub(super) sync: SpoolSync,
    pub(super) sealing: Sealing,
    pub(super) retention: Option<Retention>,
}

/// Starts the thread. It ends once all [`Commands`] are dropped, and all that was sent is done.
pub(super) fn start(options: Options, disk: impl Disk) -> io::Result<Commands> {
    let (sender, commands) = channel();
    let files = Files {
        options,
        disk,
        open: HashMap::new(),
    };
    let builder = thread::Builder::new().name("body-logger-spool".to_owned());
    builder.spawn(move || files.run(&commands))?;
    Ok(Commands {
        sender,
        ended: Arc::default(),
    })
}

/// The files that are being written.
struct Files<D> {
    options: Options,
    disk: D,
    open: HashMap<Uuid, io::Result<Content>>,
}

impl<D: Disk> Files<D> {
    fn run(mut self, commands: &Receiver<Command>) {
        for command in commands {
            match command {
                Command::Write(block) => self.write(&block),
                Command::Discard(body) => self.discard(body.file),
                Command::Finish {
                    body,
                    last,
                    whole,
                    report,
                    _ended,
                } => {
                    if let Some(block) = last {
                        self.write(&block);
                    }
                    let spooled = self.finish(&body, whole);
                    // Delivers the record, by which inline sinks of the application may run.
                    let _ = contain(|| report(spooled));
                }
            }
        }
    }

    /// Appends a block. After an error, which the entry then holds, nothing more is written.
    fn write(&mut self, block: &Block) {
        let body = &*block.body;
        if body.is_over() {
            return;
        }
        let open = &mut self.open;
        let written = match open.remove(&body.file.id) {
            None => create(&self.disk, &self.options.sealing, body),
            Some(content) => content,
        };
        let written = written.and_then(|mut content| {
            content.write(block.bytes())?;
            Ok(content)
        });
        if written.is_err() {
            body.end();
            // There may be none.
            let _ = self.disk.remove(&body.file.temporary());
        }
        open.insert(body.file.id, written);
    }

    fn finish(&mut self, body: &SpooledBody, whole: bool) -> Spooled {
        let content = self.open.remove(&body.file.id);
        let finished = match content {
            Some(content) => content.and_then(|content| self.close(content, body.file, whole)),
            None => Err(io::Error::other("it was discarded")),
        };
        finished.map_err(|error| {
            let _ = self.disk.remove(&body.file.temporary());
            let path = self.options.path.display();
            Missing {
                reason: NoFile::Failed,
                error: Some(format!("cannot keep a body in {path}: {error}")),
            }
        })
    }

    fn close(&self, content: Content, file: FileId, whole: bool) -> io::Result<BodyFile> {
        let target = content.finish()?;
        let syncs = self.options.sync == SpoolSync::EachFile;
        if syncs {
            target.file.sync()?;
        }
        let name = file.finished(whole, self.options.sealing.encrypts());
        self.disk.rename(&file.temporary(), &name)?;
        if syncs {
            self.disk.sync()?;
        }
        let mut finished = BodyFile::new(name, target.bytes);
        finished.digest = target.digest();
        if let Some(retention) = &self.options.retention {
            retention.add(&finished);
        }
        Ok(finished)
    }

    fn discard(&mut self, file: FileId) {
        // Closed before it is removed, as not every system removes open files.
        if self.open.remove(&file.id).is_some() {
            // If that fails, the file is an orphan, which is removed when the directory is opened again.
            let _ = self.disk.remove(&file.temporary());
        }
    }
}

/// Creates the file of a body.
fn create(disk: &impl Disk, sealing: &Sealing, body: &SpooledBody) -> io::Result<Content> {
    let file = disk.create(&body.file.temporary())?;
    // Without encryption it is the digest of the body, which the worker computes.
    #[cfg(feature = "hash")]
    let digest = body.digest.as_ref().filter(|_| sealing.encrypts());
    sealing.begin(Target::new(
        file,
        #[cfg(feature = "hash")]
        digest,
    ))
}
