//! Keeping the score of comparisons.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::manifest::{Case, GoldenError, GoldenSet};

/// The score of a golden test: what passed, what failed, what was not covered, and how close it was.
///
/// Its [`Display`](fmt::Display) is the report. [`failures`](Self::failures) is empty when the test has passed.
#[derive(Debug, Default)]
pub struct Tally {
    compared: BTreeSet<String>,
    weak: usize,
    not_covered: BTreeMap<String, Vec<String>>,
    worst: BTreeMap<String, Worst>,
    failures: Vec<String>,
}

/// The comparison that came closest to its tolerance, among outputs of one name.
#[derive(Clone, Debug)]
struct Worst {
    share: f64,
    error: f64,
    case: String,
}

impl Tally {
    /// An empty score.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Compares one output of a case; weak outputs are counted, not compared.
    ///
    /// # Errors
    ///
    /// When the manifest or its file is at fault. Wrong numbers are not an error but a failure of the score.
    pub fn compare(
        &mut self,
        set: &GoldenSet,
        case: &Case,
        output: &str,
        got: &[f32],
    ) -> Result<(), GoldenError> {
        let expected = set.expected(case, output)?;
        let Some(tolerance) = case.outputs.get(output) else {
            return Err(case.problem(format!("there is no output {output}")));
        };
        if tolerance.weak {
            self.weak += 1;
            return Ok(());
        }
        self.compared.insert(case.id.clone());
        if got.len() != expected.values.len() {
            let (got, expected) = (got.len(), expected.values.len());
            self.failures.push(format!(
                "{} {output}: {got} values instead of {expected}",
                case.id
            ));
            return Ok(());
        }
        let mut worst = Worst {
            share: 0.0,
            error: 0.0,
            case: case.id.clone(),
        };
        let mut wrong = 0;
        let mut example = String::new();
        for (index, (got, expected)) in got.iter().zip(&expected.values).enumerate() {
            let error = (f64::from(*got) - expected).abs();
            let allowed = tolerance.atol + tolerance.rtol * expected.abs();
            let share = if error == 0.0 { 0.0 } else { error / allowed };
            // Written so that NaN fails.
            if !(error <= allowed) {
                if wrong == 0 {
                    example =
                        format!("element {index} is {got} instead of {expected} ± {allowed:e}");
                }
                wrong += 1;
            }
            if share > worst.share || share.is_nan() {
                worst.share = share;
                worst.error = error;
            }
        }
        if wrong > 0 {
            let count = got.len();
            self.failures.push(format!(
                "{} {output}: {wrong} of {count} values are off; {example}",
                case.id
            ));
        }
        match self.worst.get(output) {
            Some(known) if known.share >= worst.share => {}
            _ => {
                self.worst.insert(output.to_owned(), worst);
            }
        }
        Ok(())
    }

    /// Records a case that our code cannot do yet.
    pub fn not_covered(&mut self, case: &Case, reason: impl Into<String>) {
        self.not_covered
            .entry(reason.into())
            .or_default()
            .push(case.id.clone());
    }

    /// Records that a case went wrong before anything could be compared.
    pub fn fail(&mut self, case: &Case, problem: impl fmt::Display) {
        self.failures.push(format!("{}: {problem}", case.id));
    }

    /// The number of cases of which something was compared.
    #[must_use]
    pub fn compared_cases(&self) -> usize {
        self.compared.len()
    }

    /// What failed. Comparing nothing at all is a failure too.
    #[must_use]
    pub fn failures(&self) -> Vec<String> {
        if self.compared.is_empty() {
            return vec!["no golden case was compared".to_owned()];
        }
        self.failures.clone()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not_covered: usize = self.not_covered.values().map(Vec::len).sum();
        writeln!(
            formatter,
            "{} golden cases compared, {} failures, {} weak outputs left out, {not_covered} cases not covered",
            self.compared.len(),
            self.failures.len(),
            self.weak
        )?;
        for (output, worst) in &self.worst {
            writeln!(
                formatter,
                "  {output}: worst error {:.2e}, {:.0} % of the tolerance ({})",
                worst.error,
                100.0 * worst.share,
                worst.case
            )?;
        }
        for (reason, cases) in &self.not_covered {
            writeln!(formatter, "  not covered, {reason}: {}", cases.join(", "))?;
        }
        for failure in &self.failures {
            writeln!(formatter, "  FAILED {failure}")?;
        }
        Ok(())
    }
}
