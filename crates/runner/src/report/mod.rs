//! What an evaluation found, and how people and programs read it.
//!
//! A [`Report`] is plain data. [`write_json`] and [`read_json`] keep all of it, [`write_csv`] writes its numbers as one
//! tidy table, [`write_html`] one self-contained page with charts, and [`terminal_table`] what a person wants to see
//! at the end of a run. [`leaderboards`] ranks the reports of several runs. Files appear whole or not at all.
//!
//! Everything but [`Timing`] is a function of the experiment, so the report of a run that was interrupted and resumed
//! equals the report of an undisturbed one but for its `timing`.

mod chart;
mod check;
mod csv;
#[cfg(test)]
mod example;
mod file;
mod html;
mod leaderboard;
mod leaderboard_text;
mod model;
mod page;
mod reading;
mod terminal;
mod verdict;

pub use check::InvalidReport;
pub use csv::write_csv;
pub use file::{ReportError, read_json, write_json};
pub use html::write_html;
pub use leaderboard::{
    FinishedRun, Leaderboard, LeaderboardError, LeaderboardLine, leaderboards, read_run,
};
pub use leaderboard_text::{markdown_leaderboards, terminal_leaderboards, write_leaderboards_csv};
pub use model::{
    Agent, Arm, ArmRound, ArmSource, ArmTiming, Between, Candidate, CandidateOutcome, CurvePoint,
    Dataset, FORMAT_VERSION, Fingerprint, Labels, Metric, Provenance, Report, Score, Setting,
    Synthetic, Timing, Unit,
};
pub use terminal::{Glyphs, terminal_table};
pub use verdict::{Tone, Verdict, verdict};
