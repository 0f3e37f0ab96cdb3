//! Finished runs in order of their headline score.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ddrank_metrics::{Direction, Metric, Part, Separation, Summary, Unit, Weight, rank};

use super::comparability::{are_paired, warnings};
use super::entry::Entry;
use super::error::LeaderboardError;
use super::finished_run::FinishedRun;

/// Runs that measure the same: metric, dataset, images per class and agent model; best first.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaderboard {
    /// The metric.
    pub metric: Metric,
    /// The dataset.
    pub dataset: String,
    /// Images per class.
    pub ipc: usize,
    /// The agent model.
    pub model: String,
    /// Names of the parts of the score, in the order of [`LeaderboardLine::parts`].
    pub parts: &'static [Part],
    /// The runs, best first.
    pub lines: Vec<LeaderboardLine>,
    /// Why the runs are not fully comparable, one sentence each.
    pub warnings: Vec<String>,
}

/// One run of a leaderboard.
#[derive(Clone, Debug, PartialEq)]
pub struct LeaderboardLine {
    /// The place, from 1; equal means share one.
    pub place: usize,
    /// The name of the experiment.
    pub name: String,
    /// The run, as it was named.
    pub path: PathBuf,
    /// The unit of the headline score.
    pub unit: Unit,
    /// The headline score.
    pub score: Summary,
    /// The parts of the score, where the report has them.
    pub parts: Vec<Option<(Unit, Summary)>>,
    /// The weight λ or γ, where the metric has one.
    pub weight: Option<Weight>,
    /// Whether the rounds tell this run from the next one; `None` for the last.
    pub from_next: Option<Separation>,
}

/// Ranks runs, one leaderboard for each metric, dataset, number of images per class and agent model.
///
/// With a weight, LRS and ARS are computed again from their parts, round by round. Neighbours of the same seed and data
/// are compared by their difference in each round, others by their confidence intervals.
///
/// # Errors
///
/// When a run is named twice, a weight is asked of a metric without one, or a report lacks what is needed.
pub fn leaderboards(
    runs: &[FinishedRun],
    weight: Option<Weight>,
) -> Result<Vec<Leaderboard>, LeaderboardError> {
    for (index, run) in runs.iter().enumerate() {
        if let Some(first) = runs[..index].iter().find(|first| first.is_same(run)) {
            return Err(LeaderboardError::Twice {
                path: run.path.clone(),
                first: first.path.clone(),
            });
        }
    }
    let mut groups: BTreeMap<_, Vec<Entry<'_>>> = BTreeMap::new();
    for run in runs {
        let report = &run.report;
        let key = (
            report.metric.headline(),
            &report.dataset.name,
            report.synthetic.ipc,
            &report.agent.model,
        );
        groups
            .entry(key)
            .or_default()
            .push(Entry::new(run, weight)?);
    }
    let boards = groups.into_values();
    boards
        .map(|entries| board(entries, weight.is_some()))
        .collect()
}

fn board(entries: Vec<Entry<'_>>, is_weighted: bool) -> Result<Leaderboard, LeaderboardError> {
    let warnings = warnings(&entries, is_weighted);
    let report = &entries[0].run.report;
    let (metric, parts) = (report.metric, report.metric.parts());
    let (dataset, model) = (report.dataset.name.clone(), report.agent.model.clone());
    let ipc = report.synthetic.ipc;

    let summaries = entries
        .into_iter()
        .map(|entry| {
            let summary = Summary::of(&entry.per_round)?;
            Ok((entry, summary))
        })
        .collect::<Result<Vec<_>, LeaderboardError>>()?;
    let ranking = rank(summaries, Direction::Higher);
    let mut lines = Vec::with_capacity(ranking.len());
    for (index, ranked) in ranking.iter().enumerate() {
        let entry = &ranked.method;
        let next = ranking.get(index + 1).map(|next| &next.method);
        let from_next = match next {
            Some(next) if are_paired(entry, next) => Some(paired(entry, next)?),
            _ => ranked.separation,
        };
        let report = &entry.run.report;
        lines.push(LeaderboardLine {
            place: ranked.place,
            name: report.name.clone(),
            path: entry.run.path.clone(),
            unit: metric.unit(),
            score: ranked.summary,
            parts: parts
                .iter()
                .map(|part| {
                    report
                        .score(part.name)
                        .map(|score| (score.unit, score.summary))
                })
                .collect(),
            weight: entry.weight,
            from_next,
        });
    }
    Ok(Leaderboard {
        metric,
        dataset,
        ipc,
        model,
        parts,
        lines,
        warnings,
    })
}

/// Whether the mean difference over the rounds differs from zero, by its 95 % confidence interval.
fn paired(one: &Entry<'_>, other: &Entry<'_>) -> Result<Separation, LeaderboardError> {
    let rounds = one.per_round.iter().zip(&other.per_round);
    let differences: Vec<f64> = rounds.map(|(one, other)| one - other).collect();
    Ok(match Summary::of(&differences)?.ci95 {
        Some((low, high)) if low <= 0.0 && high >= 0.0 => Separation::Overlapping,
        Some(_) => Separation::Distinct,
        None => Separation::Unknown,
    })
}
