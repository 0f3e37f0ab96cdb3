//! Finished runs in order of their headline score.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ddrank_metrics::{
    Direction, Gap, OutOfRange, Separation, Summary, SummaryError, Weight,
    augmentation_robust_score, label_robust_score, rank,
};

use super::file::{ReportError, read_json};
use super::model::{Metric, Report, Unit};

/// A finished run.
#[derive(Clone, Debug)]
pub struct FinishedRun {
    /// Its run directory or report, as it was named.
    pub path: PathBuf,
    /// Its report.
    pub report: Report,
}

/// Why runs cannot be ranked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LeaderboardError {
    /// The path is no run.
    #[error("{} is no run; expected a run directory or its report.json", path.display())]
    NoRun {
        /// The path.
        path: PathBuf,
    },
    /// The run has no report yet.
    #[error(
        "the run {} is not finished: it has no report.json; `ddrank score` continues it",
        path.display()
    )]
    Unfinished {
        /// The run directory.
        path: PathBuf,
    },
    /// The report cannot be read.
    #[error("the run {} has no usable report", path.display())]
    Report {
        /// The path.
        path: PathBuf,
        /// Why.
        source: ReportError,
    },
    /// The same run was named twice.
    #[error("{} is the same run as {}; name each run once", path.display(), first.display())]
    Twice {
        /// The second name.
        path: PathBuf,
        /// The first one.
        first: PathBuf,
    },
    /// Another weight was asked for, and the metric has none.
    #[error("the run {} measures plain accuracy, which has no weight", path.display())]
    NoWeight {
        /// The run.
        path: PathBuf,
    },
    /// The report lacks a part of the score.
    #[error("the report of {} has no score `{part}`", path.display())]
    NoPart {
        /// The run.
        path: PathBuf,
        /// The part.
        part: &'static str,
    },
    /// A number in the report is impossible.
    #[error("the report of {} has an impossible number", path.display())]
    Number {
        /// The run.
        path: PathBuf,
        /// Which.
        source: OutOfRange,
    },
    /// The rounds cannot be summarised.
    #[error(transparent)]
    Summary(#[from] SummaryError),
}

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
    pub parts: &'static [&'static str],
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

impl Metric {
    /// The differences that its score is made of.
    const fn parts(self) -> &'static [&'static str] {
        match self {
            Self::Lrs => &["HLR", "IOR"],
            Self::Ars => &["IOR with augmentation", "IOR without augmentation"],
            Self::Accuracy => &["IOR"],
        }
    }
}

/// Reads a finished run: a run directory, or a `report.json`.
///
/// # Errors
///
/// When there is no run, it is not finished, or its report cannot be read.
pub fn read_run(path: &Path) -> Result<FinishedRun, LeaderboardError> {
    let file = if path.is_dir() {
        let file = path.join("report.json");
        if !file.exists() {
            let path = path.to_owned();
            let is_run = ["configuration.toml", "trials.jsonl"]
                .iter()
                .any(|name| path.join(name).exists());
            return Err(if is_run {
                LeaderboardError::Unfinished { path }
            } else {
                LeaderboardError::NoRun { path }
            });
        }
        file
    } else if path.exists() {
        path.to_owned()
    } else {
        return Err(LeaderboardError::NoRun {
            path: path.to_owned(),
        });
    };
    let report = read_json(&file).map_err(|source| LeaderboardError::Report {
        path: path.to_owned(),
        source,
    })?;
    Ok(FinishedRun {
        path: path.to_owned(),
        report,
    })
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
        if let Some(first) = runs[..index].iter().find(|first| is_same(first, run)) {
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

/// A run with the score that counts here.
#[derive(Clone)]
struct Entry<'a> {
    run: &'a FinishedRun,
    weight: Option<Weight>,
    per_round: Vec<f64>,
}

impl<'a> Entry<'a> {
    fn new(run: &'a FinishedRun, weight: Option<Weight>) -> Result<Self, LeaderboardError> {
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
        let score = match report.metric {
            // LRS: λ IOR - (1 - λ) HLR.
            Metric::Lrs => |hlr, ior, weight| label_robust_score(ior, hlr, weight),
            Metric::Ars => augmentation_robust_score,
            Metric::Accuracy => return Err(LeaderboardError::NoWeight { path: path() }),
        };
        let parts = report.metric.parts();
        let (first, second) = (values(parts[0])?, values(parts[1])?);
        let gap = |value: f64| {
            Gap::from_fraction(value).map_err(|source| LeaderboardError::Number {
                path: path(),
                source,
            })
        };
        let per_round = first
            .iter()
            .zip(second)
            .map(|(&first, &second)| Ok(score(gap(first)?, gap(second)?, weight).into()))
            .collect::<Result<_, LeaderboardError>>()?;
        Ok(Self {
            run,
            weight: Some(weight),
            per_round,
        })
    }

    fn setting(&self, name: &str) -> Option<String> {
        let mut settings = self.run.report.recipe.iter();
        let setting = settings.find(|setting| setting.name == name)?;
        Some(setting.value.clone())
    }

    fn fingerprint(&self, of: &str) -> Option<String> {
        let mut all = self.run.report.provenance.fingerprints.iter();
        let fingerprint = all.find(|fingerprint| fingerprint.of == of)?;
        Some(fingerprint.value.chars().take(12).collect())
    }

    /// Whether round i of both saw the same random numbers and the same real data.
    fn is_paired_with(&self, other: &Self) -> bool {
        let same = |value: fn(&Self) -> Option<String>| {
            let own = value(self);
            own.is_some() && own == value(other)
        };
        self.per_round.len() == other.per_round.len()
            && same(|entry| entry.setting("seed"))
            && same(|entry| entry.fingerprint("test images"))
            && same(|entry| entry.fingerprint("real training images"))
    }
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
            Some(next) if entry.is_paired_with(next) => Some(paired(entry, next)?),
            _ => ranked.separation,
        };
        let report = &entry.run.report;
        lines.push(LeaderboardLine {
            place: ranked.place,
            name: report.name.clone(),
            path: entry.run.path.clone(),
            unit: match metric {
                Metric::Accuracy => Unit::Accuracy,
                Metric::Lrs | Metric::Ars => Unit::Score,
            },
            score: ranked.summary,
            parts: parts
                .iter()
                .map(|part| report.score(part).map(|score| (score.unit, score.summary)))
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

/// The epochs of the trainings on distilled images.
fn epochs(entry: &Entry<'_>) -> Option<String> {
    let mut arms = entry.run.report.arms.iter();
    let arm = arms.rfind(|arm| arm.name.starts_with("syn"))?;
    Some(arm.rounds.first()?.epochs?.to_string())
}

/// What differs between runs and should not.
fn warnings(entries: &[Entry<'_>], is_weighted: bool) -> Vec<String> {
    let weight_name = match entries[0].run.report.metric {
        Metric::Lrs => "λ",
        Metric::Ars => "γ",
        Metric::Accuracy => "weight",
    };
    type Value = fn(&Entry<'_>) -> Option<String>;
    let mut checks: Vec<(&str, Value)> = vec![
        ("test images", |entry| entry.fingerprint("test images")),
        ("real training images", |entry| {
            entry.fingerprint("real training images")
        }),
        ("real-data accuracy", |entry| {
            entry.setting("real-data accuracy")
        }),
        ("agent parameters", |entry| {
            Some(entry.run.report.agent.parameters.to_string())
        }),
        ("epochs", epochs),
        ("accuracy that counts", |entry| {
            entry.setting("accuracy that counts")
        }),
        ("rounds", |entry| Some(entry.per_round.len().to_string())),
    ];
    if !is_weighted {
        checks.insert(
            0,
            (weight_name, |entry| entry.weight.map(|w| w.to_string())),
        );
    }
    let mut warnings = Vec::new();
    for (what, value) in checks {
        let mut seen: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for entry in entries {
            let value = value(entry).unwrap_or_else(|| "not known".to_owned());
            seen.entry(value).or_default().push(&entry.run.report.name);
        }
        if seen.len() > 1 {
            let listed: Vec<String> = seen
                .iter()
                .map(|(value, names)| format!("{value} ({})", names.join(", ")))
                .collect();
            warnings.push(format!(
                "the runs are not comparable, {what} differ: {}",
                listed.join("; ")
            ));
        }
    }
    warnings
}

fn is_same(one: &FinishedRun, other: &FinishedRun) -> bool {
    let file = |run: &FinishedRun| {
        let path = if run.path.is_dir() {
            run.path.join("report.json")
        } else {
            run.path.clone()
        };
        path.canonicalize().ok()
    };
    match (file(one), file(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one.path == other.path,
    }
}
