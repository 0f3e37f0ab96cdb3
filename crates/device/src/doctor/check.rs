//! The result of a comparison.

use super::kind::Kind;
use super::verdict::Verdict;

/// One operator, one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// The operator or training.
    pub operator: String,
    /// What was compared.
    pub kind: Kind,
    /// The largest error, relative to the largest expected number; of the result that comes nearest to its tolerance.
    pub error: f64,
    /// What float32 explains.
    pub tolerance: f64,
    /// The conclusion.
    pub verdict: Verdict,
}

impl Check {
    /// By which the results of one kind are compared: the verdict, then the share of the tolerance.
    pub(super) fn severity(&self) -> (u8, f64) {
        let verdict = match self.verdict {
            Verdict::Agrees => 0,
            Verdict::Reduced => 1,
            Verdict::Wrong => 2,
            Verdict::Failed(_) => 3,
        };
        (verdict, self.error / self.tolerance)
    }
}
