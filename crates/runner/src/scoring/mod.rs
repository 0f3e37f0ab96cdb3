//! From outcomes to a report.

mod arm_reading;
mod chance;
mod combine;
mod error;
mod protocol;
mod provenance;
mod session;
mod settings;

pub use combine::report;
pub use error::ScoringError;
pub use session::Session;
