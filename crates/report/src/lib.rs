#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! A [`Report`] is plain data. [`write_json`] and [`read_json`] keep all of it, [`write_csv`] writes its numbers as one
//! tidy table, [`write_html`] one self-contained page with charts, and [`terminal_table`] what a person wants to see
//! at the end of a run. [`leaderboards`] ranks the reports of several runs, and what makes them comparable is the
//! [`Protocol`]. Files appear whole or not at all.
//!
//! Everything but [`Timing`] is a function of the experiment, so the report of a run that was interrupted and resumed
//! equals the report of an undisturbed one but for its `timing`.

mod chart;
mod check;
mod csv;
mod earlier_report;
#[cfg(test)]
mod example;
mod file;
mod html;
mod leaderboard;
mod model;
mod page;
mod protocol;
mod reading;
mod terminal;
mod verdict;

pub use check::InvalidReport;
pub use csv::write_csv;
pub use file::{ReportError, read_json, write_json};
pub use html::write_html;
pub use leaderboard::{
    FinishedRun, Leaderboard, LeaderboardError, LeaderboardLine, leaderboards,
    markdown_leaderboards, read_run, terminal_leaderboards, write_leaderboards_csv,
};
pub use model::{
    Agent, Arm, ArmRound, ArmSource, ArmTiming, Between, Candidate, CandidateOutcome, CurvePoint,
    Dataset, FORMAT_VERSION, Fingerprint, Labels, Provenance, Report, Score, Setting, Synthetic,
    Timing,
};
pub use protocol::{Protocol, RealAccuracy, Selection};
pub use terminal::{Glyphs, terminal_table};
