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
    seen: BTreeSet<(String, String)>,
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
        self.seen.insert((case.id.clone(), output.to_owned()));
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
            if error.is_nan() || error > allowed {
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

    /// Ends a case: an expected output that was never compared is a failure.
    pub fn finish(&mut self, case: &Case) {
        for output in case.outputs.keys() {
            if !self.seen.contains(&(case.id.clone(), output.clone())) {
                self.failures
                    .push(format!("{} {output}: never compared", case.id));
            }
        }
    }

    /// Records that a case went wrong before anything could be compared.
    pub fn fail(&mut self, case: &Case, problem: impl fmt::Display) {
        self.failures.push(format!("{}: {problem}", case.id));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::load;

    fn optimizer_case(check: impl Fn(&mut Tally, &GoldenSet, &Case, Vec<f32>)) -> Tally {
        let sets = load().unwrap();
        let case = sets[0].cases("optimizers").next().unwrap();
        let right = sets[0].expected(case, "after_each_step").unwrap().floats();
        let mut tally = Tally::new();
        check(&mut tally, &sets[0], case, right);
        tally
    }

    fn failures(change: impl Fn(Vec<f32>) -> Vec<f32>) -> Vec<String> {
        let tally = optimizer_case(|tally, set, case, right| {
            tally
                .compare(set, case, "after_each_step", &change(right))
                .unwrap();
            tally.finish(case);
        });
        tally.failures()
    }

    #[test]
    fn right_numbers_pass_and_wrong_ones_fail() {
        assert_eq!(failures(|right| right), Vec::<String>::new());
        let one_off = |mut right: Vec<f32>| {
            right[3] += 0.01;
            right
        };
        assert!(failures(one_off)[0].contains("1 of 72 values are off; element 3 is"));
        let not_a_number = |mut right: Vec<f32>| {
            right[0] = f32::NAN;
            right
        };
        assert!(failures(not_a_number)[0].contains("element 0 is NaN"));
        assert!(failures(|right| right[1..].to_vec())[0].contains("71 values instead of 72"));
    }

    #[test]
    fn comparing_nothing_fails() {
        assert_eq!(Tally::new().failures(), ["no golden case was compared"]);
        let skipped = optimizer_case(|tally, _, case, _| tally.not_covered(case, "a reason"));
        assert_eq!(skipped.failures(), ["no golden case was compared"]);
        assert!(skipped.to_string().contains("1 cases not covered"));
        let forgotten = optimizer_case(|tally, _, case, _| tally.finish(case));
        assert!(
            forgotten
                .to_string()
                .contains("after_each_step: never compared")
        );
    }
}
