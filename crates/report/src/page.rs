//! What the page shows, in words.

use ddrank_metrics::Direction;
use minijinja::Value;
use serde::Serialize;

use crate::chart;
use crate::model::{Arm, ArmRound, ArmSource, CandidateOutcome, Labels, Report, Score};
use crate::reading::{Shown, count, duration, learning_rates, plural, utc};
use crate::terminal::rates;
use crate::verdict::{Tone, verdict};

/// What the template shows; all numbers are words already, all charts SVG.
#[derive(Serialize)]
pub(crate) struct Page {
    name: String,
    subject: String,
    metric: &'static str,
    metric_words: &'static str,
    weight: Option<String>,
    headline: String,
    interval: Option<String>,
    rounds: String,
    tone: &'static str,
    verdict: String,
    warnings: Vec<String>,
    scores: Vec<ScoreLine>,
    legend: Vec<Legend>,
    round_numbers: Vec<usize>,
    arms: Vec<ArmLines>,
    charts: Charts,
    setup: Vec<(String, String)>,
    recipe: Vec<(String, String)>,
    provenance: Vec<(String, String)>,
    timing: Vec<(String, String)>,
    configuration: String,
    made: String,
}

#[derive(Serialize)]
struct ScoreLine {
    name: String,
    mean: String,
    interval: String,
    range: String,
    better: &'static str,
    headline: bool,
    sign: &'static str,
    per_round: Vec<String>,
}

#[derive(Serialize)]
struct Legend {
    series: usize,
    glyph: &'static str,
    name: String,
    searched: bool,
}

#[derive(Serialize)]
struct ArmLines {
    name: String,
    description: String,
    source: &'static str,
    /// Every round has the same given accuracy, and nothing else to tell.
    given: bool,
    any_diverged: bool,
    any_selection: bool,
    mean: String,
    interval: String,
    rates: String,
    rounds: Vec<RoundLine>,
}

#[derive(Serialize)]
struct RoundLine {
    round: usize,
    accuracy: String,
    last: String,
    epoch: String,
    rate: String,
    diverged: Option<String>,
    key: Option<String>,
    selection: Option<String>,
}

#[derive(Serialize)]
struct Charts {
    arms: Value,
    curves: Option<Value>,
    grid: Option<Value>,
    sweep: Option<Value>,
}

const NONE: &str = "–";

impl Page {
    pub(crate) fn of(report: &Report) -> Self {
        let verdict = verdict(report);
        let headline = report.headline();
        let legend = report.arms.iter().enumerate().map(|(series, arm)| Legend {
            series: series % chart::SERIES,
            glyph: chart::glyph(series),
            name: arm.name.clone(),
            searched: arm.rounds.iter().any(|round| !round.candidates.is_empty()),
        });
        // The chart code escapes every text itself.
        let svg = |chart: Option<String>| chart.map(Value::from_safe_string);
        Self {
            name: report.name.clone(),
            subject: report.subject(),
            metric: report.metric.headline(),
            metric_words: report.metric.words(),
            weight: report
                .metric
                .weight_symbol()
                .zip(report.weight)
                .map(|(symbol, weight)| format!("{symbol} = {weight}")),
            headline: headline.map_or(NONE.into(), |score| score.unit.show(score.summary.mean)),
            interval: headline.and_then(|score| score.unit.show_interval(&score.summary)),
            rounds: plural(report.rounds, "round"),
            tone: match verdict.tone {
                Tone::Good => "good",
                Tone::Open => "open",
                Tone::Bad => "bad",
            },
            // A number keeps its sign on its line.
            verdict: verdict.text.replace(" %", "\u{a0}%"),
            warnings: report.warnings.clone(),
            scores: score_lines(report),
            legend: legend.collect(),
            round_numbers: (1..=report.rounds).collect(),
            arms: report.arms.iter().map(arm_lines).collect(),
            charts: Charts {
                arms: Value::from_safe_string(chart::arms(report)),
                curves: svg(chart::curves(report)),
                grid: svg(chart::grid(report)),
                sweep: svg(chart::sweep(report)),
            },
            setup: setup(report),
            recipe: report
                .recipe
                .iter()
                .map(|setting| (setting.name.clone(), setting.value.clone()))
                .collect(),
            provenance: provenance(report),
            timing: timing(report),
            configuration: report.provenance.configuration.clone(),
            made: format!("ddrank {}", report.provenance.ddrank),
        }
    }
}

fn score_lines(report: &Report) -> Vec<ScoreLine> {
    let line = |score: &Score| ScoreLine {
        name: score.name.clone(),
        mean: score.unit.show_mean(&score.summary),
        interval: score
            .unit
            .show_interval(&score.summary)
            .unwrap_or(NONE.into()),
        range: match score.summary.n {
            0 | 1 => NONE.into(),
            _ => format!(
                "{} to {}",
                score.unit.bare(score.summary.min),
                score.unit.show(score.summary.max)
            ),
        },
        better: match score.better {
            Direction::Higher => "higher",
            Direction::Lower => "lower",
        },
        headline: score.name == report.metric.headline(),
        sign: score.unit.sign(),
        per_round: score
            .per_round
            .iter()
            .map(|&value| score.unit.bare(value))
            .collect(),
    };
    report.scores.iter().map(line).collect()
}

fn arm_lines(arm: &Arm) -> ArmLines {
    let rounds: Vec<RoundLine> = arm.rounds.iter().map(round_line).collect();
    ArmLines {
        given: arm.source == ArmSource::Given && arm.summary.min == arm.summary.max,
        any_diverged: rounds.iter().any(|round| round.diverged.is_some()),
        any_selection: rounds.iter().any(|round| round.selection.is_some()),
        name: arm.name.clone(),
        description: arm.description.clone(),
        source: arm.source.word(),
        mean: arm.show_mean(),
        interval: arm.show_interval().unwrap_or(NONE.into()),
        rates: rates(arm).unwrap_or(NONE.into()),
        rounds,
    }
}

fn round_line(round: &ArmRound) -> RoundLine {
    let epoch = match (round.best_epoch, round.epochs) {
        (Some(best), Some(all)) => format!("{} of {}", count(best), count(all)),
        (Some(epoch), None) | (None, Some(epoch)) => count(epoch),
        (None, None) => NONE.into(),
    };
    let diverged = round
        .candidates
        .iter()
        .filter_map(|candidate| match candidate.outcome {
            CandidateOutcome::DivergedInEpoch(_) => Some(candidate.learning_rate),
            CandidateOutcome::Accuracy(_) | CandidateOutcome::GivenUpAfterEpoch(_) => None,
        });
    RoundLine {
        round: round.round,
        accuracy: round.accuracy.to_string(),
        last: round
            .last_accuracy
            .map_or(NONE.into(), |accuracy| accuracy.to_string()),
        epoch,
        rate: round
            .learning_rate
            .map_or(NONE.into(), |rate| rate.to_string()),
        diverged: learning_rates(diverged),
        key: round.training_key.clone(),
        selection: round.selection.clone(),
    }
}

type Lines = Vec<(String, String)>;

fn setup(report: &Report) -> Lines {
    let (data, synthetic) = (&report.dataset, &report.synthetic);
    let labels = match synthetic.labels {
        Labels::Hard => "hard labels",
        Labels::Soft => "soft labels",
    };
    lines([
        ("real data", data.name.clone()),
        ("classes", count(data.classes)),
        (
            "images",
            format!(
                "{} for training, {} for testing",
                count(data.train),
                count(data.test)
            ),
        ),
        ("image shape", data.image_words()),
        (
            "distilled data",
            format!(
                "{} ({} per class), {labels}",
                plural(synthetic.images, "image"),
                count(synthetic.ipc)
            ),
        ),
        (
            "agent model",
            format!(
                "{}, {} parameters",
                report.agent.model,
                count(report.agent.parameters)
            ),
        ),
        ("rounds", count(report.rounds)),
    ])
}

fn provenance(report: &Report) -> Lines {
    let from = &report.provenance;
    let revision = from
        .git_revision
        .as_ref()
        .map_or(String::new(), |revision| format!(", revision {revision}"));
    let mut all = lines([
        ("ddrank", format!("{}{revision}", from.ddrank)),
        ("burn", from.burn.clone()),
        ("device", format!("{} ({})", from.device, from.backend)),
        ("processor", from.cpu.clone()),
        ("system", from.os.clone()),
    ]);
    all.extend(
        from.fingerprints
            .iter()
            .map(|print| (format!("{} (BLAKE3)", print.of), print.value.clone())),
    );
    all
}

fn timing(report: &Report) -> Lines {
    let timing = &report.timing;
    let mut all = lines([
        ("started", utc(timing.started)),
        ("finished", utc(timing.finished)),
        ("work", duration(timing.total_seconds)),
        (
            "workers",
            format!(
                "{} at a time, {} each",
                plural(timing.jobs, "training"),
                plural(timing.threads, "thread")
            ),
        ),
        ("command", timing.command.clone()),
    ]);
    all.extend(
        timing
            .arms
            .iter()
            .map(|arm| (arm.arm.clone(), duration(arm.seconds))),
    );
    all
}

fn lines<const N: usize>(lines: [(&str, String); N]) -> Lines {
    lines
        .into_iter()
        .map(|(name, value)| (name.to_string(), value))
        .collect()
}
