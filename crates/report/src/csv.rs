//! The numbers of a report as one tidy table.

use std::path::Path;

use serde::Serialize;

use crate::file::{ReportError, write_whole};
use crate::model::{CandidateOutcome, Report};

/// One row: one number. Empty where a column does not apply.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(test, derive(serde::Deserialize, PartialEq))]
struct Row<'a> {
    experiment: &'a str,
    dataset: &'a str,
    ipc: usize,
    model: &'a str,
    kind: &'a str,
    name: &'a str,
    round: usize,
    learning_rate: Option<f64>,
    epoch: Option<usize>,
    weight: Option<f64>,
    value: Option<f64>,
}

/// Writes the numbers of a report as a tidy table: one row per number, for pandas, R and spreadsheets.
///
/// | column | meaning |
/// | --- | --- |
/// | `experiment`, `dataset`, `ipc`, `model` | the same in every row, so that tables of several runs can be stacked |
/// | `kind` | what the row is, see below |
/// | `name` | the arm (`syn-hard`) or the score (`LRS`) |
/// | `round` | the round, from 1 |
/// | `learning_rate` | the learning rate of the training; empty for scores and given accuracies |
/// | `epoch` | the epoch of the value, from 1 |
/// | `weight` | the weight λ or γ of the score |
/// | `value` | the number: accuracies and differences as fractions, LRS and ARS from 0 to 100 |
///
/// | `kind` | rows |
/// | --- | --- |
/// | `score` | one per score and round |
/// | `accuracy` | the accuracy that counts, one per arm and round |
/// | `last_accuracy` | the accuracy after the last epoch, one per trained arm and round |
/// | `candidate` | one per arm, round and learning rate tried; no value, and the epoch of the failure, where training diverged |
/// | `curve` | one per arm, round and tested epoch |
/// | `sweep` | the headline score, one per weight and round |
///
/// ```python
/// runs = pandas.concat(map(pandas.read_csv, glob("runs/*/report.csv")))
/// runs[(runs.kind == "score") & (runs.name == "LRS")].groupby("experiment").value.agg(["mean", "std"])
/// ```
///
/// # Errors
/// When the report contradicts itself or the file cannot be written.
pub fn write_csv(report: &Report, path: &Path) -> Result<(), ReportError> {
    report.check()?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows(report) {
        writer.serialize(row)?;
    }
    let table = writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))?;
    write_whole(path, &table)
}

fn rows(report: &Report) -> Vec<Row<'_>> {
    let base = Row {
        experiment: &report.name,
        dataset: &report.dataset.name,
        ipc: report.synthetic.ipc,
        model: &report.agent.model,
        ..Row::default()
    };
    let mut rows = Vec::new();
    for score in &report.scores {
        let weight = report
            .weight
            .filter(|_| score.name == report.metric.headline())
            .map(f64::from);
        for (index, &value) in score.per_round.iter().enumerate() {
            let row = Row {
                kind: "score",
                name: &score.name,
                round: index + 1,
                ..base.clone()
            };
            rows.push(Row {
                weight,
                value: Some(value),
                ..row
            });
        }
    }
    for arm in &report.arms {
        for round in &arm.rounds {
            let row = Row {
                name: &arm.name,
                round: round.round,
                learning_rate: round.learning_rate,
                ..base.clone()
            };
            let value = Some(round.accuracy.fraction());
            rows.push(Row {
                kind: "accuracy",
                epoch: round.best_epoch,
                value,
                ..row.clone()
            });
            if let Some(last) = round.last_accuracy {
                let value = Some(last.fraction());
                rows.push(Row {
                    kind: "last_accuracy",
                    epoch: round.epochs,
                    value,
                    ..row.clone()
                });
            }
            for candidate in &round.candidates {
                let (epoch, value) = match candidate.outcome {
                    CandidateOutcome::Accuracy(accuracy) => (None, Some(accuracy.fraction())),
                    CandidateOutcome::DivergedInEpoch(epoch)
                    | CandidateOutcome::GivenUpAfterEpoch(epoch) => (Some(epoch), None),
                };
                let learning_rate = Some(candidate.learning_rate);
                rows.push(Row {
                    kind: "candidate",
                    learning_rate,
                    epoch,
                    value,
                    ..row.clone()
                });
            }
            for point in &round.curve {
                let (epoch, value) = (Some(point.epoch), Some(point.accuracy.fraction()));
                rows.push(Row {
                    kind: "curve",
                    epoch,
                    value,
                    ..row.clone()
                });
            }
        }
    }
    for point in &report.sweep {
        for (index, score) in point.per_round.iter().enumerate() {
            let row = Row {
                kind: "sweep",
                name: report.metric.headline(),
                round: index + 1,
                ..base.clone()
            };
            rows.push(Row {
                weight: Some(point.weight.value()),
                value: Some(score.value()),
                ..row
            });
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;

    #[test]
    fn the_table_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.csv");
        for report in [example::report(), example::one_round(), example::awkward()] {
            write_csv(&report, &path).unwrap();
            let mut reader = csv::Reader::from_path(&path).unwrap();
            let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
            let headers = reader.headers().unwrap();
            let back: Vec<Row> = records
                .iter()
                .map(|row| row.deserialize(Some(headers)).unwrap())
                .collect();
            assert_eq!(back, rows(&report));
        }
    }

    #[test]
    fn every_number_has_one_row() {
        let report = example::report();
        let rows = rows(&report);
        let count = |kind: &str| rows.iter().filter(|row| row.kind == kind).count();
        assert_eq!(count("score"), 3 * 5);
        assert_eq!(count("accuracy"), 3 * 5);
        assert_eq!(
            count("last_accuracy"),
            2 * 5,
            "the given arm has no last epoch"
        );
        assert_eq!(count("candidate"), 2 * 5 * 5);
        assert_eq!(count("sweep"), 9 * 5);
        let curves: usize = report
            .arms
            .iter()
            .flat_map(|arm| &arm.rounds)
            .map(|round| round.curve.len())
            .sum();
        assert_eq!(count("curve"), curves);
        let diverged = rows
            .iter()
            .find(|row| row.kind == "candidate" && row.value.is_none())
            .unwrap();
        assert_eq!(
            (diverged.name, diverged.learning_rate, diverged.epoch),
            ("syn-hard", Some(0.1), Some(3))
        );
        let lrs: Vec<_> = rows
            .iter()
            .filter(|row| row.kind == "score" && row.name == "LRS")
            .collect();
        assert!(lrs.iter().all(|row| row.weight == Some(0.5)));
    }
}
