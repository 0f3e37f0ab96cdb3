//! From the accuracies of arms to the scores of a metric.

use super::definition::{Difference, Part};
use crate::accuracy::{Accuracy, Gap};
use crate::arm::ArmName;
use crate::ranking::Direction;
use crate::score::Score;
use crate::summary::{Summary, SummaryError};
use crate::sweep::{SweepPoint, sweep};
use crate::unit::Unit;
use crate::weight::Weight;

/// The derived quantities of an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Scores {
    /// In the order to be shown.
    pub rows: Vec<ScoreRow>,
    /// The headline score at other weights; empty where the metric has no weight.
    pub sweep: Vec<SweepPoint>,
}

/// One derived quantity.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreRow {
    /// Its name: `HLR`, `IOR`, `LRS`, `IOR of noise`, …
    pub name: String,
    /// The unit of its numbers.
    pub unit: Unit,
    /// Which end is good.
    pub better: Direction,
    /// The arms of which it is the difference, where it is one.
    pub between: Option<Difference>,
    /// Its value in each round.
    pub per_round: Vec<f64>,
    /// Their summary.
    pub summary: Summary,
}

/// What the scores of a metric are made of in one experiment.
pub(super) struct Recipe {
    /// The name of the headline score.
    pub(super) headline: &'static str,
    /// The arm whose accuracy it is, where nothing is combined.
    pub(super) headline_arm: ArmName,
    /// How the first two parts become it.
    pub(super) combination: Option<fn(Gap, Gap, Weight) -> Score>,
    /// The parts and their arms.
    pub(super) parts: Vec<(Part, Difference)>,
    /// Further arms that are compared with the random one.
    pub(super) further: Vec<Difference>,
}

impl Recipe {
    /// All per round, then summarised.
    pub(super) fn scores(
        self,
        weight: Weight,
        accuracies: &dyn Fn(&ArmName) -> Vec<Accuracy>,
    ) -> Result<Scores, SummaryError> {
        let gaps = |difference: &Difference| -> Vec<Gap> {
            let (from, minus) = (accuracies(&difference.from), accuracies(&difference.minus));
            let rounds = from.into_iter().zip(minus);
            rounds.map(|(from, minus)| from - minus).collect()
        };
        let parts: Vec<Vec<Gap>> = self.parts.iter().map(|(_, arms)| gaps(arms)).collect();
        let mut rows = Vec::new();
        for ((part, arms), gaps) in self.parts.into_iter().zip(&parts) {
            rows.push(difference(part.name, part.better, arms, gaps)?);
        }
        let (mut rows, sweep) = match (self.combination, parts.as_slice()) {
            (Some(combine), [first, second, ..]) => {
                let per_round = first.iter().zip(second);
                let per_round =
                    per_round.map(|(&first, &second)| combine(first, second, weight).into());
                let headline = row(self.headline, Unit::Score, per_round.collect())?;
                rows.push(headline);
                (rows, sweep(first, second, combine)?)
            }
            _ => {
                let per_round = accuracies(&self.headline_arm).into_iter();
                let per_round = per_round.map(Accuracy::fraction).collect();
                let headline = row(self.headline, Unit::Accuracy, per_round)?;
                let rows = std::iter::once(headline).chain(rows).collect();
                (rows, Vec::new())
            }
        };
        for arms in self.further {
            let name = format!("IOR of {}", arms.from);
            let gaps = gaps(&arms);
            rows.push(difference(&name, Direction::Higher, arms, &gaps)?);
        }
        Ok(Scores { rows, sweep })
    }
}

fn row(name: &str, unit: Unit, per_round: Vec<f64>) -> Result<ScoreRow, SummaryError> {
    Ok(ScoreRow {
        name: name.to_owned(),
        unit,
        better: Direction::Higher,
        between: None,
        summary: Summary::of(&per_round)?,
        per_round,
    })
}

fn difference(
    name: &str,
    better: Direction,
    between: Difference,
    gaps: &[Gap],
) -> Result<ScoreRow, SummaryError> {
    let per_round = gaps.iter().map(|&gap| gap.into()).collect();
    Ok(ScoreRow {
        better,
        between: Some(between),
        ..row(name, Unit::Difference, per_round)?
    })
}
