//! Cross-entropy with classes: closed forms.

use burn::tensor::{Device, Tensor};
use ddrank_labels::{Criterion, Targets};

fn loss(logits: [[f32; 3]; 2], labels: &[usize]) -> f32 {
    let device = Device::flex();
    let targets = Targets::from_classes(labels, 3, &device).unwrap();
    let logits = Tensor::from_data(logits, &device);
    Criterion::CrossEntropy
        .loss(logits, &targets)
        .into_scalar::<f32>()
}

#[test]
fn closed_form() {
    // The value of cross-entropy in docs/reference.md, section 4.
    let got = loss([[1.0, 2.0, 3.0], [0.0, 0.0, 1.0]], &[0, 1]);
    assert!((got - 1.979_525_3).abs() < 1e-6, "{got}");
}

#[test]
fn huge_logits_stay_finite() {
    assert_eq!(loss([[1e30, 0.0, -1e30], [-1e30, 1e30, 0.0]], &[0, 1]), 0.0);
    let got = loss([[1000.0, 0.0, 0.0], [0.0, 1000.0, 0.0]], &[1, 0]);
    assert!((got - 1000.0).abs() < 1e-3, "{got}");
}

#[test]
fn gradient_is_softmax_minus_one_hot() {
    let device = Device::flex().autodiff();
    let targets = Targets::from_classes(&[2, 0], 3, &device).unwrap();
    let rows = [[0.5_f32, -1.0, 2.0], [0.1, 0.2, 0.3]];
    let logits = Tensor::<2>::from_data(rows, &device).require_grad();
    let gradients = Criterion::CrossEntropy
        .loss(logits.clone(), &targets)
        .backward();
    let got: Vec<f32> = logits
        .grad(&gradients)
        .unwrap()
        .into_data()
        .try_to_vec()
        .unwrap();
    for (row, (values, class)) in rows.iter().zip([2, 0]).enumerate() {
        let sum: f32 = values.iter().map(|value| value.exp()).sum();
        for (column, value) in values.iter().enumerate() {
            let one_hot = f32::from(u8::from(column == class));
            let expected = (value.exp() / sum - one_hot) / 2.0;
            assert!((got[3 * row + column] - expected).abs() < 1e-6);
        }
    }
}

#[test]
#[should_panic(expected = "rows of logits (left) and targets (right) differ")]
fn numbers_must_agree() {
    loss([[0.0; 3]; 2], &[0]);
}
