//! Why outcomes do not make a report.

use ddrank_metrics::SummaryError;

/// Why outcomes do not make a report.
#[derive(Debug, thiserror::Error)]
pub enum ScoringError {
    /// No candidate of a round has an accuracy.
    #[error(
        "arm {arm}, round {round}: training diverged at every learning rate ({rates}); \
         give smaller `training.learning_rates` or another `synthetic.learning_rate`"
    )]
    Diverged {
        /// The arm.
        arm: String,
        /// Counted from 1.
        round: usize,
        /// What was tried.
        rates: String,
    },
    /// A trial of the plan has no outcome.
    #[error("trial {0} is not finished; run `ddrank score` again")]
    Missing(String),
    /// Statistics.
    #[error(transparent)]
    Summary(#[from] SummaryError),
}
