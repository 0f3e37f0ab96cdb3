//! Rankings, from the files of reports on.
#![expect(clippy::unwrap_used, reason = "tests")]

mod ranking;
