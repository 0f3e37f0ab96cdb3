//! What rows of stored soft labels are: logits, probabilities or their logarithms.
//!
//! Trainings compare with logits. Probabilities in their place are a softmax too many: every class gets nearly the same
//! share, the score falls, and nothing else tells. So rows are looked at before they are used.

use ddrank_configuration::LabelRows;

/// By how much a row may miss its sum: bfloat16 keeps eight bits, and tables are rounded to two decimals.
const TOLERANCE: f64 = 0.01;

/// What rounding leaves of a probability of 0, below it.
const BELOW: f32 = -1e-3;

/// Rows that are not what they are used as.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RowError {
    /// Without the key: they look like probabilities.
    #[error(
        "the rows look like {what}, and the label mode \"single\" expects logits; say what they are: `labels_rows = \"probabilities\"` uses their logarithms, `labels_rows = \"logits\"` uses the numbers as they are"
    )]
    LookLikeProbabilities {
        /// Which, and by what sign.
        what: String,
    },
    /// With the key: a number or a row that cannot be that.
    #[error(
        "`labels_rows` is \"{}\", and row {row} (counted from 0) {why}; allowed where it fits: \"logits\", \"probabilities\", \"log-probabilities\"",
        said.name()
    )]
    NotWhatIsSaid {
        /// The key's value.
        said: LabelRows,
        /// The first row that does not fit.
        row: usize,
        /// What is wrong with it.
        why: String,
    },
}

/// Rows as trainings take them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ReadRows {
    /// Row by row.
    pub(crate) logits: Vec<f32>,
    /// What they are, for the report.
    pub(crate) words: &'static str,
    /// What a user should know.
    pub(crate) remark: Option<String>,
}

/// The logits of rows of `classes` numbers each.
///
/// A probability of 0 counts as the smallest positive normal single float, so its logarithm is -87.3 and the share of its
/// class vanishes at usual temperatures. Rows of another sum than 1, such as percentages, are divided by it.
pub(crate) fn logits_of(
    rows: Vec<f32>,
    classes: usize,
    said: Option<LabelRows>,
) -> Result<ReadRows, RowError> {
    let read = |logits, words| ReadRows {
        logits,
        words,
        remark: None,
    };
    match said {
        None => match probabilities(&rows, classes) {
            Ok(sum) if is_one(sum) => Err(RowError::LookLikeProbabilities {
                what: described(&rows, sum),
            }),
            // Percentages, or one-hot rows that are scaled to be logits: both are made, so it is said and not refused.
            Ok(sum) => Ok(ReadRows {
                remark: Some(format!(
                    "the rows look like {}; they are used as logits. If they are shares, say so: `labels_rows = \"probabilities\"`; `labels_rows = \"logits\"` ends this warning",
                    described(&rows, sum)
                )),
                ..read(rows, "soft, stored; hard ones are the largest value")
            }),
            Err(_) => Ok(ReadRows {
                remark: shares_without_a_sum(&rows),
                ..read(rows, "soft, stored; hard ones are the largest value")
            }),
        },
        Some(LabelRows::Logits) => Ok(read(
            rows,
            "soft, stored logits, as the configuration says; hard ones are the largest value",
        )),
        Some(said @ LabelRows::Probabilities) => {
            probabilities(&rows, classes).map_err(|(row, why)| RowError::NotWhatIsSaid {
                said,
                row,
                why,
            })?;
            Ok(read(
                logarithms(&rows, classes),
                "soft, the logarithms of stored probabilities; hard ones are the largest value",
            ))
        }
        Some(said @ LabelRows::LogProbabilities) => {
            log_probabilities(&rows, classes).map_err(|(row, why)| RowError::NotWhatIsSaid {
                said,
                row,
                why,
            })?;
            Ok(read(
                rows,
                "soft, stored logarithms of probabilities; hard ones are the largest value",
            ))
        }
    }
}

/// The sum that all rows have, if they can be probabilities; otherwise the first row that cannot, and why.
fn probabilities(rows: &[f32], classes: usize) -> Result<f64, (usize, String)> {
    let mut common = None;
    for (index, row) in rows.chunks_exact(classes).enumerate() {
        if let Some(value) = row.iter().find(|value| !(BELOW..).contains(*value)) {
            return Err((index, format!("holds {value}; no probability is negative")));
        }
        let sum: f64 = row.iter().copied().map(f64::from).sum();
        let of_all = *common.get_or_insert(sum);
        if !(sum.is_finite() && sum > 0.0) {
            return Err((index, format!("sums to {sum}; probabilities sum to 1")));
        }
        if (sum / of_all - 1.0).abs() > TOLERANCE {
            return Err((
                index,
                format!("sums to {sum:.4} and row 0 to {of_all:.4}; probabilities all sum to 1"),
            ));
        }
    }
    common.ok_or((0, "is not there".to_owned()))
}

fn log_probabilities(rows: &[f32], classes: usize) -> Result<(), (usize, String)> {
    for (index, row) in rows.chunks_exact(classes).enumerate() {
        let sum: f64 = row.iter().map(|&value| f64::from(value).exp()).sum();
        if (sum - 1.0).abs() > TOLERANCE {
            return Err((
                index,
                format!(
                    "has exponentials that sum to {sum:.4}; those of log-probabilities sum to 1"
                ),
            ));
        }
    }
    Ok(())
}

fn is_one(sum: f64) -> bool {
    (sum - 1.0).abs() <= TOLERANCE
}

fn described(rows: &[f32], sum: f64) -> String {
    let mut values = rows.iter().filter(|&&value| value != 0.0);
    let first = values.next().copied().unwrap_or_default();
    if rows.iter().all(|&value| value == 0.0 || value == first) && f64::from(first) == sum {
        return format!("one-hot labels (one {first} in every row, otherwise 0)");
    }
    let sum = if is_one(sum) { 1.0 } else { sum };
    let sum = format!("{sum:.2}");
    let sum = sum.trim_end_matches('0').trim_end_matches('.');
    format!("probabilities (no number is negative, every row sums to {sum})")
}

/// Outputs of a sigmoid, for example: no probabilities of classes, and hardly logits.
fn shares_without_a_sum(rows: &[f32]) -> Option<String> {
    rows.iter().all(|value| (0.0..=1.0).contains(value)).then(|| {
        "all numbers lie between 0 and 1, but rows do not sum to 1; they are used as logits, which rarely look so (`labels_rows = \"logits\"` says that they are)".to_owned()
    })
}

fn logarithms(rows: &[f32], classes: usize) -> Vec<f32> {
    let mut logits = Vec::with_capacity(rows.len());
    for row in rows.chunks_exact(classes) {
        let sum: f64 = row.iter().copied().map(f64::from).sum();
        // What rounding leaves of a sum of 1 is not corrected: the logarithms are those of the stored numbers.
        let sum = if is_one(sum) { 1.0 } else { sum };
        let logarithm = |&value: &f32| {
            let share = (f64::from(value) / sum).max(f64::from(f32::MIN_POSITIVE));
            share.ln() as f32
        };
        logits.extend(row.iter().map(logarithm));
    }
    logits
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: [f32; 6] = [0.7, 0.2, 0.1, 0.0, 0.25, 0.75];

    fn near(found: &[f32], expected: &[f32]) -> bool {
        found.len() == expected.len()
            && found
                .iter()
                .zip(expected)
                .all(|(found, expected)| (found - expected).abs() <= 2e-6 * expected.abs())
    }

    #[test]
    fn probabilities_become_their_logarithms() {
        // numpy.log of the same single floats, and of the smallest normal one for 0.
        let expected = [
            -0.356_674_97,
            -1.609_438,
            -std::f32::consts::LN_10,
            -87.336_54,
            -1.386_294_4,
            -0.287_682_06,
        ];
        for scale in [1.0, 100.0, 255.0] {
            let rows = P.map(|p| p * scale).to_vec();
            let read = logits_of(rows, 3, Some(LabelRows::Probabilities)).unwrap();
            assert!(near(&read.logits, &expected), "{read:?}");
        }
    }

    #[test]
    fn rows_that_look_like_probabilities_are_not_taken_for_logits() {
        for (rows, part) in [
            (P.to_vec(), "sums to 1)"),
            (P.map(|p| p * 100.0).to_vec(), "sums to 100)"),
            (
                P.map(|p| (p * 256.0).round() / 256.0).to_vec(),
                "sums to 1)",
            ),
            (
                vec![0.0, 1.0, 0.0, 1.0, 0.0, 0.0],
                "one-hot labels (one 1 in",
            ),
            (
                vec![0.0, 9.0, 0.0, 9.0, 0.0, 0.0],
                "one-hot labels (one 9 in",
            ),
            (vec![1.0 / 3.0; 3], "sums to 1)"),
        ] {
            // A sum of 1 is refused; another one may be that of scaled one-hot rows, and is a warning.
            let error = match logits_of(rows.clone(), 3, None) {
                Err(error) => error.to_string(),
                Ok(read) => {
                    assert!(part.contains("100") || part.contains('9'));
                    assert_eq!(read.logits, rows);
                    read.remark.unwrap()
                }
            };
            assert!(error.contains(part), "{error}");
            for way in [
                "labels_rows = \"probabilities\"",
                "labels_rows = \"logits\"",
            ] {
                assert!(error.contains(way), "{error}");
            }
            let read = logits_of(rows.clone(), 3, Some(LabelRows::Logits)).unwrap();
            assert_eq!(read.logits, rows);
        }
    }

    #[test]
    fn logits_are_used_as_they_are() {
        for rows in [
            vec![-1.0, 2.0, 0.0, 3.0, -2.0, 0.5],
            vec![3.0, 0.0, 1.0, 9.0, 2.0, 0.0],
            vec![0.0; 6],
            P.map(f32::ln).map(|v| v.max(-50.0)).to_vec(),
        ] {
            let read = logits_of(rows.clone(), 3, None).unwrap();
            assert_eq!(read.logits, rows);
            assert_eq!(read.remark.is_some(), rows.iter().all(|v| *v == 0.0));
        }
        let sigmoids = vec![0.9, 0.8, 0.1, 0.2, 0.1, 0.1];
        assert!(logits_of(sigmoids, 3, None).unwrap().remark.is_some());
    }

    #[test]
    fn rows_that_are_not_what_is_said_are_refused() {
        let logits = vec![0.5, 0.25, 0.25, -1.0, 2.0, 0.0];
        for (rows, said, parts) in [
            (
                logits.clone(),
                LabelRows::Probabilities,
                ["row 1", "holds -1"],
            ),
            (
                vec![0.5, 0.5, 0.0, 1.0, 2.0, 0.0],
                LabelRows::Probabilities,
                ["row 1", "sums to 3"],
            ),
            (
                vec![0.0; 3],
                LabelRows::Probabilities,
                ["row 0", "sums to 0"],
            ),
            (
                logits,
                LabelRows::LogProbabilities,
                ["row 0", "exponentials"],
            ),
        ] {
            let error = logits_of(rows, 3, Some(said)).unwrap_err().to_string();
            for part in parts.iter().chain([&said.name()]) {
                assert!(error.contains(part), "{part:?} is not in {error}");
            }
        }
        let logarithms = P.map(|p| p.max(1e-30).ln()).to_vec();
        let read = logits_of(logarithms.clone(), 3, Some(LabelRows::LogProbabilities)).unwrap();
        assert_eq!(read.logits, logarithms);
    }
}
