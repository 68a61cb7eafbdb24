//! The page in a real browser: headless Chromium, driven over WebDriver.
//!
//! Without `chromedriver` these tests are skipped, unless `BODY_LOGGER_BROWSER_REQUIRED` is set. `axe.min.js` is axe-core
//! 4.14.1 as it is published: `npm pack axe-core@4.14.1`, then `package/axe.min.js` of that archive.

#[path = "../support/mod.rs"]
mod support;

mod accessible;
mod compare;
mod detail;
mod driver;
mod extremes;
mod filter;
mod hostile;
mod list;
mod overview;
mod pictures;
mod proofs;
mod signin;
