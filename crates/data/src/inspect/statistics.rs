//! Statistics of one tensor.
use serde::Serialize;

use ddrank_files::{ElementType, FileTensor};

/// Largest class index, and most columns, of a tensor that is taken for labels.
const MAX_CLASSES: usize = 100_000;

/// One tensor: what it is and what values it has.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct TensorSummary {
    /// Its name; empty for a bare tensor.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its element type.
    pub element: ElementType,
    /// The smallest finite value; absent without one.
    pub min: Option<f64>,
    /// The largest finite value; absent without one.
    pub max: Option<f64>,
    /// The mean of the finite values; absent without one.
    pub mean: Option<f64>,
    /// The standard deviation (divided by n) of the finite values; absent without one.
    pub std: Option<f64>,
    /// How many values are NaN.
    pub nan: usize,
    /// How many values are infinite.
    pub infinite: usize,
    /// What the tensor says when it is taken for labels; absent when it does not look like labels.
    pub labels: Option<LabelSummary>,
}

/// A tensor taken for labels.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "labels", rename_all = "lowercase")]
pub enum LabelSummary {
    /// One class index for each image.
    Hard {
        /// Images of each class.
        histogram: Histogram,
    },
    /// A row for each image.
    Soft {
        /// What the rows look like.
        rows: RowKind,
        /// Rows by the position of their largest value.
        histogram: Histogram,
    },
}

/// How many images each class has, from class 0 on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Histogram(pub Vec<usize>);

/// What rows of soft labels look like.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowKind {
    /// One 1 and otherwise 0.
    OneHot,
    /// Not negative, every row sums to 1.
    Probabilities,
    /// Anything else.
    Logits,
}

impl TensorSummary {
    /// Computes the statistics of a tensor, in double precision.
    #[must_use]
    pub fn of(tensor: &FileTensor) -> Self {
        let (mut nan, mut infinite, mut finite) = (0, 0, 0_usize);
        let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
        let (mut mean, mut squares) = (0.0, 0.0);
        for value in tensor.values() {
            if value.is_nan() {
                nan += 1;
            } else if value.is_infinite() {
                infinite += 1;
            } else {
                // Welford: no loss of digits when the mean is large.
                finite += 1;
                let step = value - mean;
                mean += step / finite as f64;
                squares += step * (value - mean);
                (min, max) = (min.min(value), max.max(value));
            }
        }
        let some = |value| (finite > 0).then_some(value);
        Self {
            name: tensor.name().to_owned(),
            shape: tensor.shape().to_vec(),
            element: tensor.element(),
            min: some(min),
            max: some(max),
            mean: some(mean),
            std: some((squares / finite as f64).sqrt()),
            nan,
            infinite,
            labels: if nan + infinite == 0 {
                labels(tensor, min, max)
            } else {
                None
            },
        }
    }
}

fn labels(tensor: &FileTensor, min: f64, max: f64) -> Option<LabelSummary> {
    match *tensor.shape() {
        // A histogram takes memory by the largest label, which an untrusted file chooses.
        [n] | [n, 1] if n > 0 && min >= 0.0 && max < MAX_CLASSES as f64 => {
            let classes = tensor.to_i64().ok()?;
            let mut histogram = vec![0; max as usize + 1];
            for class in classes {
                histogram[class as usize] += 1;
            }
            Some(LabelSummary::Hard {
                histogram: Histogram(histogram),
            })
        }
        [n, columns] if n > 0 && (2..=MAX_CLASSES).contains(&columns) => {
            let values = tensor.to_f64();
            let mut histogram = vec![0; columns];
            let (mut one_hot, mut probabilities) = (true, min >= 0.0);
            for row in values.chunks_exact(columns) {
                let mut best = 0;
                for (class, &value) in row.iter().enumerate() {
                    if value > row[best] {
                        best = class;
                    }
                }
                histogram[best] += 1;
                // Rows saved in half precision miss 1 by up to about this much.
                probabilities &= (row.iter().sum::<f64>() - 1.0).abs() < 1e-3;
                one_hot &= row.iter().all(|&v| v == 0.0 || v == 1.0);
            }
            let rows = match (probabilities, one_hot) {
                (true, true) => RowKind::OneHot,
                (true, false) => RowKind::Probabilities,
                _ => RowKind::Logits,
            };
            Some(LabelSummary::Soft {
                rows,
                histogram: Histogram(histogram),
            })
        }
        _ => None,
    }
}
