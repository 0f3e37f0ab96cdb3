//! Whether a report agrees with itself.

use std::collections::HashSet;

use ddrank_metrics::Summary;

use crate::model::Report;

/// A report that contradicts itself; a defect of the program that made it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReport {
    /// It says nothing about the metric that it is about.
    #[error("there is no score named {0}, which the metric asks for")]
    NoHeadline(&'static str),
    /// Two arms or two scores share a name.
    #[error("two entries are named {0:?}")]
    Twice(String),
    /// The number of rounds differs.
    #[error("{of:?} has {seen} rounds, the report has {expected}")]
    Rounds {
        /// The arm, score or weight.
        of: String,
        /// Its number of rounds.
        seen: usize,
        /// The report's number of rounds.
        expected: usize,
    },
    /// A number is NaN or infinite, which JSON cannot hold.
    #[error("{0:?} has a number that is not finite")]
    NotFinite(String),
    /// A difference of an arm that is not in the report.
    #[error("{score:?} is a difference of the arm {arm:?}, which is not in the report")]
    NoArm {
        /// The score.
        score: String,
        /// The missing arm.
        arm: String,
    },
}

impl Report {
    /// Checks that the report agrees with itself; every writer and the reader do so.
    ///
    /// # Errors
    /// When names are not unique, numbers of rounds differ, a number is not finite, a score refers to an arm that is
    /// missing, or the headline score is.
    pub(crate) fn check(&self) -> Result<(), InvalidReport> {
        self.headline()
            .ok_or(InvalidReport::NoHeadline(self.metric.headline()))?;
        let mut names = HashSet::new();
        for name in self
            .arms
            .iter()
            .map(|arm| &arm.name)
            .chain(self.scores.iter().map(|score| &score.name))
        {
            // An arm and a score are shown in different places, but share the columns of the table.
            if !names.insert(name) {
                return Err(InvalidReport::Twice(name.clone()));
            }
        }
        for arm in &self.arms {
            self.check_rounds(&arm.name, arm.rounds.len(), &arm.summary)?;
            let rates = arm.rounds.iter().flat_map(|round| {
                round
                    .learning_rate
                    .into_iter()
                    .chain(round.candidates.iter().map(|tried| tried.learning_rate))
            });
            check_finite(&arm.name, rates)?;
        }
        for score in &self.scores {
            self.check_rounds(&score.name, score.per_round.len(), &score.summary)?;
            check_finite(&score.name, score.per_round.iter().copied())?;
            for arm in score
                .between
                .iter()
                .flat_map(|between| [&between.from, &between.minus])
            {
                if self.arm(arm).is_none() {
                    return Err(InvalidReport::NoArm {
                        score: score.name.clone(),
                        arm: arm.clone(),
                    });
                }
            }
        }
        for point in &self.sweep {
            let name = format!("{} at weight {}", self.metric.headline(), point.weight);
            self.check_rounds(&name, point.per_round.len(), &point.summary)?;
        }
        let seconds = self.timing.arms.iter().map(|arm| arm.seconds);
        check_finite("timing", seconds.chain([self.timing.total_seconds]))
    }

    fn check_rounds(&self, of: &str, seen: usize, summary: &Summary) -> Result<(), InvalidReport> {
        if let Some(&seen) = [seen, summary.n]
            .iter()
            .find(|&&seen| seen != self.rounds || seen == 0)
        {
            return Err(InvalidReport::Rounds {
                of: of.to_string(),
                seen,
                expected: self.rounds,
            });
        }
        let (low, high) = summary.ci95.unwrap_or_default();
        check_finite(
            of,
            [
                summary.mean,
                summary.std,
                summary.min,
                summary.max,
                low,
                high,
            ],
        )
    }
}

fn check_finite(of: &str, numbers: impl IntoIterator<Item = f64>) -> Result<(), InvalidReport> {
    if numbers.into_iter().all(f64::is_finite) {
        Ok(())
    } else {
        Err(InvalidReport::NotFinite(of.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;

    #[test]
    fn contradictions_are_found() {
        let good = example::report();
        assert_eq!(good.check(), Ok(()));

        let mut report = good.clone();
        report.scores.retain(|score| score.name != "LRS");
        assert_eq!(report.check(), Err(InvalidReport::NoHeadline("LRS")));

        let mut report = good.clone();
        report.arms[1].name = report.arms[0].name.clone();
        assert_eq!(
            report.check(),
            Err(InvalidReport::Twice("real-hard".into()))
        );

        let mut report = good.clone();
        report.arms[2].rounds.pop();
        assert!(matches!(
            report.check(),
            Err(InvalidReport::Rounds {
                seen: 4,
                expected: 5,
                ..
            })
        ));

        let mut report = good.clone();
        report.scores[0].per_round[1] = f64::NAN;
        assert_eq!(report.check(), Err(InvalidReport::NotFinite("HLR".into())));

        let mut report = good.clone();
        report.timing.total_seconds = f64::INFINITY;
        assert_eq!(
            report.check(),
            Err(InvalidReport::NotFinite("timing".into()))
        );

        let mut report = good;
        report.arms.retain(|arm| arm.name != "random-hard");
        assert!(matches!(report.check(), Err(InvalidReport::NoArm { .. })));
    }
}
