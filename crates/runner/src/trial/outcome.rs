//! What came out of a trial.

use ddrank_configuration::Selection;
use ddrank_metrics::Accuracy;
use serde::{Deserialize, Serialize};

use crate::trial::key::TrialKey;

/// What came out of a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Of the trial's description.
    pub key: TrialKey,
    /// Test accuracies, by rising epoch.
    pub curve: Vec<CurvePoint>,
    /// The epoch (1-based) in which the training loss stopped being a number; training ended there.
    pub diverged: Option<u32>,
    /// The epoch (1-based) after which it was given up in a race.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_up: Option<u32>,
    /// Where it ran.
    pub device: String,
    /// Wall time of the trial in seconds.
    pub seconds: f64,
    /// Whether it was taken from the shared cache instead of being trained in this run directory.
    #[serde(default)]
    pub from_cache: bool,
}

/// One point of an accuracy curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Epochs finished.
    pub epoch: u32,
    /// Test accuracy, a fraction.
    pub accuracy: Accuracy,
    /// Mean training loss of that epoch.
    pub loss: f32,
}

impl Outcome {
    /// The point that counts where a choice is made among trainings: none of one that diverged, even if it was tested before,
    /// as its rate is not usable, and none of one that was given up.
    pub fn eligible(&self, selection: Selection) -> Option<CurvePoint> {
        self.selected(selection)
            .filter(|_| self.diverged.is_none() && self.given_up.is_none())
    }

    /// The point that counts: the earliest highest accuracy, or the last one. `None` if the trial diverged before its
    /// first test, or diverged at all where the last epoch counts.
    pub fn selected(&self, selection: Selection) -> Option<CurvePoint> {
        match selection {
            Selection::Best => self.curve.iter().copied().reduce(|best, point| {
                if point.accuracy.fraction() > best.accuracy.fraction() {
                    point
                } else {
                    best
                }
            }),
            Selection::Last if self.diverged.is_some() => None,
            Selection::Last => self.curve.last().copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(accuracies: &[f64], diverged: Option<u32>) -> Outcome {
        let point = |(index, &accuracy): (usize, &f64)| CurvePoint {
            epoch: 10 * (index as u32 + 1),
            accuracy: Accuracy::from_fraction(accuracy).unwrap(),
            loss: 1.0,
        };
        Outcome {
            key: TrialKey::of(b"a trial"),
            curve: accuracies.iter().enumerate().map(point).collect(),
            diverged,
            given_up: None,
            device: "flex".into(),
            seconds: 1.0,
            from_cache: false,
        }
    }

    #[test]
    fn the_earliest_best_point_counts() {
        let outcome = outcome(&[0.2, 0.5, 0.5, 0.4], None);
        assert_eq!(outcome.selected(Selection::Best).unwrap().epoch, 20);
        assert_eq!(outcome.selected(Selection::Last).unwrap().epoch, 40);
    }

    #[test]
    fn a_diverged_trial_has_no_last_accuracy() {
        let outcome = outcome(&[0.2], Some(15));
        assert_eq!(outcome.selected(Selection::Best).unwrap().epoch, 10);
        assert_eq!(outcome.selected(Selection::Last), None);
        assert_eq!(self::outcome(&[], Some(3)).selected(Selection::Best), None);
    }
}
