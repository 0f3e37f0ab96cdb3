//! The criteria.

use burn::tensor::Tensor;
use ddrank_labels::{Criterion, MseGt, Softening, Targets};

use super::case::{Case, case};
use super::recorder::Recorder;

/// As in `doctor.py`.
pub(super) const CASES: &[Case] = &[
    case("cross-entropy", |recorder| {
        hard(recorder, Criterion::CrossEntropy)
    }),
    case("sce", |recorder| {
        let softening = Softening::new(1.5, false).ok();
        soft(recorder, softening.map(Criterion::SoftCrossEntropy));
    }),
    case("kl", |recorder| {
        let softening = Softening::new(4.0, true).ok();
        soft(recorder, softening.map(Criterion::KlDivergence));
    }),
    case("mse-gt", |recorder| {
        let weights = MseGt::new(0.7, 0.3).ok();
        soft(recorder, weights.map(Criterion::MseGt));
    }),
];

// Neither side a multiple of what vector units hold, and every class another one.
const SHAPE: [usize; 2] = [9, 11];

/// A criterion that takes classes.
fn hard(recorder: &mut Recorder, criterion: Criterion) {
    let targets = Targets::from_classes(&classes(), SHAPE[1], recorder.device());
    compare(recorder, Some(criterion), targets.ok());
}

/// A criterion that takes the logits of a teacher, and perhaps classes too.
fn soft(recorder: &mut Recorder, criterion: Option<Criterion>) {
    let rows: Tensor<2> = recorder.plain("rows", SHAPE, 4.0);
    let targets = Targets::from_logits(rows, &classes());
    compare(recorder, criterion, targets.ok());
}

fn classes() -> Vec<usize> {
    (0..SHAPE[0]).map(|row| row * 4 % SHAPE[1]).collect()
}

fn compare(recorder: &mut Recorder, criterion: Option<Criterion>, targets: Option<Targets>) {
    let logits: Tensor<2> = recorder.leaf("logits", SHAPE, 4.0, 0.0);
    let (Some(criterion), Some(targets)) = (criterion, targets) else {
        panic!("the criterion of this check is valid")
    };
    recorder.differentiate(criterion.loss(logits, &targets));
}
