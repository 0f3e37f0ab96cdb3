//! The criteria.

use burn::tensor::Tensor;
use ddrank_labels::{Criterion, MseGt, Softening, Targets};

use super::Case;
use super::recorder::Recorder;

/// As in `doctor.py`.
pub(super) const CASES: &[Case] = &[
    Case {
        name: "cross-entropy",
        run: |recorder| compare(recorder, Some(Criterion::CrossEntropy)),
    },
    Case {
        name: "sce",
        run: |recorder| {
            let softening = Softening::new(1.5, false).ok();
            compare(recorder, softening.map(Criterion::SoftCrossEntropy));
        },
    },
    Case {
        name: "kl",
        run: |recorder| {
            let softening = Softening::new(4.0, true).ok();
            compare(recorder, softening.map(Criterion::KlDivergence));
        },
    },
    Case {
        name: "mse-gt",
        run: |recorder| {
            let weights = MseGt::new(0.7, 0.3).ok();
            compare(recorder, weights.map(Criterion::MseGt));
        },
    },
];

const SHAPE: [usize; 2] = [9, 11];

fn compare(recorder: &mut Recorder, criterion: Option<Criterion>) {
    let logits: Tensor<2> = recorder.leaf("logits", SHAPE, 4.0, 0.0);
    let rows: Tensor<2> = recorder.plain("rows", SHAPE, 4.0);
    let classes: Vec<usize> = (0..SHAPE[0]).map(|row| row * 4 % SHAPE[1]).collect();
    let targets = match criterion {
        Some(Criterion::CrossEntropy) => {
            Targets::from_classes(&classes, SHAPE[1], recorder.device())
        }
        _ => Targets::from_logits(rows, &classes),
    };
    let (Some(criterion), Ok(targets)) = (criterion, targets) else {
        panic!("the criterion of this check is valid")
    };
    recorder.differentiate(criterion.loss(logits, &targets));
}
