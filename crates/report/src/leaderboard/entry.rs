//! A run among those it is ranked with.

use ddrank_metrics::{Gap, Weight};

use super::error::LeaderboardError;
use super::finished_run::FinishedRun;

/// A run with the score that counts here.
#[derive(Clone)]
pub(crate) struct Entry<'a> {
    pub(crate) run: &'a FinishedRun,
    /// The weight behind `per_round`, where the metric has one.
    pub(crate) weight: Option<Weight>,
    /// The headline score by round.
    pub(crate) per_round: Vec<f64>,
}

impl<'a> Entry<'a> {
    /// With a weight, the score is computed again from its parts.
    pub(crate) fn new(
        run: &'a FinishedRun,
        weight: Option<Weight>,
    ) -> Result<Self, LeaderboardError> {
        let report = &run.report;
        let path = || run.path.clone();
        let values = |part: &'static str| {
            let score = report.score(part);
            score
                .map(|score| score.per_round.as_slice())
                .ok_or_else(|| LeaderboardError::NoPart { path: path(), part })
        };
        let Some(weight) = weight else {
            return Ok(Self {
                run,
                weight: report.weight,
                per_round: values(report.metric.headline())?.to_vec(),
            });
        };
        let Some(combine) = report.metric.combination() else {
            return Err(LeaderboardError::NoWeight { path: path() });
        };
        let [first, second, ..] = report.metric.parts() else {
            return Err(LeaderboardError::NoWeight { path: path() });
        };
        let (first, second) = (values(first.name)?, values(second.name)?);
        let gap = |value: f64| {
            Gap::from_fraction(value).map_err(|source| LeaderboardError::Number {
                path: path(),
                source,
            })
        };
        let per_round = first
            .iter()
            .zip(second)
            .map(|(&first, &second)| Ok(combine(gap(first)?, gap(second)?, weight).into()))
            .collect::<Result<_, LeaderboardError>>()?;
        Ok(Self {
            run,
            weight: Some(weight),
            per_round,
        })
    }
}
