//! Random conversations go the same with and without a logger, and what is recorded of them is true.

use std::{env, fs, future::ready, process};

use actix_web::{
    middleware::from_fn,
    rt::{System, SystemRunner},
};
use actix_web_body_logger::{
    policy::{BodyMode, BufferOptions, Guarantee, RequiredOptions, StartRecords, Unsampled},
    sink::DurableSink,
    BodyLogger, BodyLoggerBuilder, CaptureLevel, Rule, TailSampling,
};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use crate::{
    application::{application, observe},
    client::{Conversation, Played},
    models::{read_first, take_time},
    records::{described, first_lie, Records, PATIENCE},
    strategies::conversations,
};

type Checked = Result<(), TestCaseError>;

/// Runs a test with the same conversations each time: 256, or as many as `PROPTEST_CASES` says.
#[track_caller]
fn check(test: impl Fn(&SystemRunner, Conversation) -> Checked) {
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let system = System::new();
    let ran = runner.run(&conversations(), |conversation| test(&system, conversation));
    ran.unwrap_or_else(|error| panic!("{error}"));
}

fn same_wire(expected: &Played, got: &Played) -> bool {
    (&expected.written, expected.closed, expected.state) == (&got.written, got.closed, got.state)
}

/// A logger, and where its records go.
struct Logged {
    name: &'static str,
    logger: BodyLogger,
    records: Records,
    delivery: Delivery,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Delivery {
    Nothing,
    BestEffort,
    Required,
}

impl Logged {
    fn new(
        name: &'static str,
        settings: impl FnOnce(BodyLoggerBuilder) -> BodyLoggerBuilder,
    ) -> Self {
        let records = Records::default();
        let logger = settings(BodyLogger::builder()).inline_sink(records.clone());
        Self {
            name,
            logger: logger.build(),
            records,
            delivery: Delivery::BestEffort,
        }
    }

    fn nothing(
        name: &'static str,
        settings: impl FnOnce(BodyLoggerBuilder) -> BodyLoggerBuilder,
    ) -> Self {
        Self {
            delivery: Delivery::Nothing,
            ..Self::new(name, settings)
        }
    }

    fn required(
        name: &'static str,
        settings: impl FnOnce(BodyLoggerBuilder) -> BodyLoggerBuilder,
    ) -> Self {
        let records = Records::default();
        let rule = Rule::new(CaptureLevel::RequestResponse).guarantee(Guarantee::Required);
        let sink = DurableSink::new(records.clone()).expect("it is durable");
        // However slow the machine is, nothing is refused.
        let options = RequiredOptions::default().timeout(10 * PATIENCE);
        let logger = BodyLogger::builder().rule(rule).required(options);
        let logger = settings(logger).required_sink(sink);
        Self {
            name,
            logger: logger.build(),
            records,
            delivery: Delivery::Required,
        }
    }

    /// Plays a conversation to an application with the logger. A record that is waited for is written only once nothing else
    /// moves.
    fn play(&self, system: &SystemRunner, conversation: &Conversation) -> Played {
        let app = |script: &_| {
            let app = application(script).wrap(self.logger.clone());
            app.wrap(from_fn(observe))
        };
        let settle_others = || async {
            self.records.open();
            self.logger.sync(PATIENCE).await.expect("sinks that work");
            if self.delivery == Delivery::Required {
                self.records.close();
            }
        };
        let played = system.block_on(async {
            settle_others().await;
            conversation.play(app, settle_others).await
        });
        self.records.open();
        played
    }

    /// Plays a conversation to an application with the logger, and compares it with what is expected.
    fn check(
        &self,
        system: &SystemRunner,
        conversation: &Conversation,
        expected: &Played,
        same: fn(&Played, &Played) -> bool,
    ) -> Checked {
        let got = self.play(system, conversation);
        let (name, records) = (self.name, self.records.take());
        prop_assert!(
            same(expected, &got),
            "{name}\nexpected: {expected:?}\ngot: {got:?}"
        );
        if self.delivery == Delivery::Nothing {
            prop_assert!(records.is_empty(), "{name}: {records:?}");
        } else if let Some(lie) = first_lie(&got, &records) {
            let records = records.iter().map(described).collect::<Vec<_>>();
            prop_assert!(false, "{name}: {lie}\n{got:?}\n{}", records.join("\n"));
        }
        Ok(())
    }
}

#[test]
fn everything_is_the_same_poll_by_poll() {
    let directory = env::temp_dir().join(format!("body-logger-wire-{}", process::id()));
    let spool = BodyMode::spool_raw(&directory, 1 << 30).open();
    let spool = spool.expect("a directory");
    let loggers = [
        Logged::new("default", |logger| logger),
        Logged::nothing("off", |logger| logger.level(CaptureLevel::Off)),
        Logged::nothing("exempt", |logger| logger.exclude_path("/{place}")),
        Logged::nothing("discarded", |logger| {
            logger.tail_sampling(TailSampling::if_any().otherwise(Unsampled::Nothing))
        }),
        Logged::new("started", |logger| {
            logger.start_records(StartRecords::LongLived)
        }),
        Logged::new("spooled", |logger| {
            logger.request_mode(spool.clone()).response_mode(spool)
        }),
    ];
    check(|system, conversation| {
        let app = |script: &_| application(script).wrap(from_fn(observe));
        let expected = system.block_on(conversation.play(app, || ready(())));
        (loggers.iter())
            .try_for_each(|logged| logged.check(system, &conversation, &expected, Played::eq))
    });
    fs::remove_dir_all(directory).expect("a directory");
}

#[test]
fn a_route_that_buffers_is_like_one_that_reads_first() {
    let options = BufferOptions::default().max_bytes(1 << 20);
    let logged = Logged::new("buffered", |logger| {
        logger.request_mode(BodyMode::Buffer).buffer(options)
    });
    check(|system, conversation| {
        let app = |script: &_| {
            let app = application(script).wrap(from_fn(read_first));
            app.wrap(from_fn(observe))
        };
        let expected = system.block_on(conversation.play(app, || ready(())));
        logged.check(system, &conversation, &expected, same_wire)
    });
}

#[test]
fn a_required_route_is_like_one_that_takes_its_time() {
    let logged = Logged::required("required", |logger| logger);
    check(|system, conversation| {
        let app = |script: &_| {
            let app = application(script).wrap(from_fn(take_time));
            app.wrap(from_fn(observe))
        };
        let expected = system.block_on(conversation.play(app, || ready(())));
        logged.check(system, &conversation, &expected, same_wire)
    });
}
