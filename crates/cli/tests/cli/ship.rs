//! `body-logger ship`, and reading back what it has shipped. Those that need a service run where `BODY_LOGGER_TEST_NATS` or
//! `BODY_LOGGER_TEST_POSTGRES` is set.

mod command;
mod credentials;
mod otlp;
mod read_back;
mod receivers;
mod services;
