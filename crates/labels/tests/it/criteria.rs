//! Every criterion against the formulas in double precision: values, and gradients by finite differences.

use burn::tensor::{Device, Tensor, TensorData};
use ddrank_labels::{Criterion, MseGt, Softening, Targets};

const CLASSES: usize = 5;
const LABELS: [usize; 4] = [3, 0, 4, 1];

/// The criteria of the test with other numbers than the defaults.
fn criteria() -> Vec<Criterion> {
    let mut criteria = vec![Criterion::CrossEntropy];
    for (temperature, scale_loss) in [(1.0, false), (1.2, false), (4.0, true), (0.3, true)] {
        let softening = Softening::new(temperature, scale_loss).unwrap();
        criteria.push(Criterion::SoftCrossEntropy(softening));
        criteria.push(Criterion::KlDivergence(softening));
    }
    for (mse_weight, ce_weight) in [(1.0, 0.0), (0.0, 2.0), (0.7, 0.025)] {
        criteria.push(Criterion::MseGt(MseGt::new(mse_weight, ce_weight).unwrap()));
    }
    criteria
}

fn log_softmax(row: &[f64], temperature: f64) -> Vec<f64> {
    let row: Vec<f64> = row.iter().map(|value| value / temperature).collect();
    let normaliser = row.iter().map(|value| value.exp()).sum::<f64>().ln();
    row.iter().map(|value| value - normaliser).collect()
}

/// The formulas of docs/reference.md, section 4, written down once more without tensors.
fn formula(criterion: &Criterion, student: &[f64], teacher: &[f64]) -> f64 {
    let rows = || student.chunks(CLASSES).zip(teacher.chunks(CLASSES));
    let batch = LABELS.len() as f64;
    let over_classes = |softening: &Softening, term: fn(f64, f64) -> f64| {
        let temperature = softening.temperature();
        let total: f64 = rows()
            .map(|(student, teacher)| {
                let student = log_softmax(student, temperature);
                let teacher = log_softmax(teacher, temperature);
                let terms = teacher.iter().zip(&student);
                terms.map(|(p, q)| p.exp() * term(*p, *q)).sum::<f64>()
            })
            .sum();
        let scale = if softening.scale_loss() {
            temperature * temperature
        } else {
            1.0
        };
        scale * total / batch
    };
    let cross_entropy = || {
        let rows = student.chunks(CLASSES).zip(LABELS);
        -rows
            .map(|(row, label)| log_softmax(row, 1.0)[label])
            .sum::<f64>()
            / batch
    };
    match criterion {
        Criterion::CrossEntropy => cross_entropy(),
        Criterion::SoftCrossEntropy(softening) => over_classes(softening, |_, q| -q),
        Criterion::KlDivergence(softening) => over_classes(softening, |p, q| p - q),
        Criterion::MseGt(weights) => {
            let pairs = student.iter().zip(teacher);
            let squares: f64 = pairs.map(|(z, t)| (z - t) * (z - t)).sum();
            weights.mse_weight() * squares / student.len() as f64
                + weights.ce_weight() * cross_entropy()
        }
    }
}

/// Logits between -3 and 3 that fit single floats exactly.
fn logits(seed: u32) -> Vec<f32> {
    (0..(LABELS.len() * CLASSES) as u32)
        .map(|index| {
            let mixed = (index + 1).wrapping_mul(0x9E37_79B1) ^ seed.wrapping_mul(0x85EB_CA6B);
            (mixed >> 16) as f32 / 65_536.0 * 6.0 - 3.0
        })
        .collect()
}

fn rows(values: &[f32], device: &Device) -> Tensor<2> {
    let shape = [values.len() / CLASSES, CLASSES];
    Tensor::from_data(TensorData::new(values.to_vec(), shape), device)
}

fn doubles(values: &[f32]) -> Vec<f64> {
    values.iter().copied().map(f64::from).collect()
}

#[test]
fn values_and_gradients_are_those_of_the_formulas() {
    const STEP: f64 = 1e-4;
    let plain = Device::flex();
    let tracked = plain.clone().autodiff();
    let (student, teacher) = (logits(1), logits(2));
    let targets = Targets::from_logits(rows(&teacher, &plain), &LABELS).unwrap();
    for criterion in criteria() {
        let input = rows(&student, &tracked).require_grad();
        let loss = criterion.loss(input.clone(), &targets);
        let value = f64::from(loss.clone().into_scalar::<f32>());
        let gradients = loss.backward();
        let gradient: Vec<f32> = input.grad(&gradients).unwrap().into_data().iter().collect();

        let (student, teacher) = (doubles(&student), doubles(&teacher));
        let expected = formula(&criterion, &student, &teacher);
        assert!(
            (value - expected).abs() < 1e-6 * (1.0 + expected.abs()),
            "{criterion}: {value} instead of {expected}"
        );
        for (index, got) in gradient.into_iter().enumerate() {
            let moved = |by: f64| {
                let mut student = student.clone();
                student[index] += by;
                formula(&criterion, &student, &teacher)
            };
            let expected = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
            assert!(
                (f64::from(got) - expected).abs() < 2e-6,
                "{criterion}: derivative {index} is {got} instead of {expected}"
            );
        }
    }
}

/// The test values of docs/reference.md, section 4, which were computed by the reference itself.
#[test]
fn values_of_the_reference() {
    let device = Device::flex();
    let student = [[1.0_f32, 2.0, 3.0], [0.0, 0.0, 1.0]];
    let teacher = Tensor::from_data([[3.0_f32, 2.0, 1.0], [1.0, 0.0, 0.0]], &device);
    let targets = Targets::from_logits(teacher, &[0, 1]).unwrap();
    let softening = |temperature, scale| Softening::new(temperature, scale).unwrap();
    let kl = |temperature, scale| Criterion::KlDivergence(softening(temperature, scale));
    let sce = |temperature, scale| Criterion::SoftCrossEntropy(softening(temperature, scale));
    let mse_gt = |mse, ce| Criterion::MseGt(MseGt::new(mse, ce).unwrap());
    for (criterion, expected) in [
        (kl(1.0, false), 0.757_298_1),
        (kl(4.0, false), 0.052_049_3),
        (kl(4.0, true), 0.832_788_7),
        (sce(1.0, false), 1.661_159_6),
        (sce(4.0, false), 1.136_760_2),
        (sce(4.0, true), 18.188_164),
        (mse_gt(1.0, 0.025), 1.716_154_8),
        (mse_gt(1.0, 0.0), 1.666_666_6),
        (mse_gt(0.0, 1.0), 1.979_525_3),
        (Criterion::CrossEntropy, 1.979_525_3),
    ] {
        let loss = criterion.loss(Tensor::from_data(student, &device), &targets);
        let got = loss.into_scalar::<f32>();
        assert!(
            (got - expected).abs() < 1e-6 * (1.0 + expected),
            "{criterion}: {got} instead of {expected}"
        );
    }
}

#[test]
fn huge_logits_stay_finite() {
    let device = Device::flex().autodiff();
    let student = [1e4_f32, 0.0, -1e4, 5.0, 1e30, -1e30, 1e30, 0.0, -1e4, 1.0];
    let teacher = [-1e4_f32, 1e4, 0.0, 1.0, 2.0, -1e30, 1e30, 0.0, 3.0, 1.0];
    let targets = Targets::from_logits(rows(&teacher, &device), &[0, 1]).unwrap();
    for scale_loss in [false, true] {
        let softening = Softening::new(1.5, scale_loss).unwrap();
        for criterion in [
            Criterion::SoftCrossEntropy(softening),
            Criterion::KlDivergence(softening),
        ] {
            let input = rows(&student, &device).require_grad();
            let loss = criterion.loss(input.clone(), &targets);
            let gradients = loss.clone().backward();
            assert!(loss.into_scalar::<f32>().is_finite(), "{criterion}");
            let gradient: Vec<f32> = input.grad(&gradients).unwrap().into_data().iter().collect();
            assert!(
                gradient.iter().all(|value| value.is_finite()),
                "{criterion}: {gradient:?}"
            );
        }
    }
    // Equal answers: no divergence, however sure they are.
    let kl = Criterion::KlDivergence(Softening::default());
    assert_eq!(
        kl.loss(rows(&teacher, &device), &targets)
            .into_scalar::<f32>(),
        0.0
    );
}

/// The ground truth of MSE-GT is the class index, not the soft label (docs/reference.md, section 10, D32).
#[test]
fn the_class_indices_decide_the_ground_truth_term() {
    let device = Device::flex();
    let student = rows(&logits(3)[..CLASSES], &device);
    let teacher = rows(&logits(4)[..CLASSES], &device);
    let criterion = Criterion::MseGt(MseGt::new(1.0, 1.0).unwrap());
    let loss = |label| {
        let targets = Targets::from_logits(teacher.clone(), &[label]).unwrap();
        criterion
            .loss(student.clone(), &targets)
            .into_scalar::<f32>()
    };
    let student: Vec<f32> = student.to_data().iter().collect();
    // Between two labels the loss differs by the difference of their logits.
    let expected = student[1] - student[2];
    assert!((loss(2) - loss(1) - expected).abs() < 1e-5);
    assert!(expected.abs() > 0.1);
}

#[test]
fn no_gradient_reaches_the_targets() {
    let device = Device::flex().autodiff();
    for criterion in criteria() {
        let teacher = rows(&logits(2), &device).require_grad();
        let Targets::Soft { classes, .. } = Targets::from_logits(teacher.clone(), &LABELS).unwrap()
        else {
            panic!("soft targets were asked for")
        };
        let targets = Targets::Soft {
            logits: teacher.clone(),
            classes,
        };
        let student = rows(&logits(1), &device).require_grad();
        let gradients = criterion.loss(student.clone(), &targets).backward();
        assert!(student.grad(&gradients).is_some(), "{criterion}");
        assert!(teacher.grad(&gradients).is_none(), "{criterion}");
    }
}
