//! Leaderboards: finished runs in order of their headline score, and how people read them.

mod board;
mod comparability;
mod entry;
mod error;
mod finished_run;
mod text;

pub use board::{Leaderboard, LeaderboardLine, leaderboards};
pub use error::LeaderboardError;
pub use finished_run::{FinishedRun, read_run};
pub use text::{markdown_leaderboards, terminal_leaderboards, write_leaderboards_csv};
