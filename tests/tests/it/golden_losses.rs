//! The criteria against the reference's values and gradients, and top-1 and top-5 accuracies.

use std::num::NonZeroUsize;

use burn::tensor::{Device, Tensor, TensorData};
use ddrank_labels::{Criterion, MseGt, Softening, Targets};
use ddrank_metrics::top_accuracy;
use ddrank_tests::golden::{Case, GoldenSet, Tally, load};
use serde::Deserialize;

#[derive(Deserialize)]
struct Parameters {
    /// Absent in the cases about accuracy.
    loss: Option<String>,
    temperature: Option<f64>,
    scale_loss: Option<bool>,
    mse_weight: Option<f64>,
    ce_weight: Option<f64>,
    /// In the cases about accuracy: how many of the highest scores count, for each of the expected numbers.
    topk: Option<Vec<NonZeroUsize>>,
}

fn criterion(parameters: &Parameters) -> Option<Criterion> {
    let softening = || {
        let (temperature, scale_loss) = (parameters.temperature?, parameters.scale_loss?);
        Some(Softening::new(temperature, scale_loss).unwrap())
    };
    match parameters.loss.as_deref()? {
        "cross_entropy" => Some(Criterion::CrossEntropy),
        "sce" => softening().map(Criterion::SoftCrossEntropy),
        "kl" => softening().map(Criterion::KlDivergence),
        "mse_gt" => {
            let weights = MseGt::new(parameters.mse_weight?, parameters.ce_weight?).unwrap();
            Some(Criterion::MseGt(weights))
        }
        _ => None,
    }
}

fn rows(set: &GoldenSet, case: &Case, name: &str, device: &Device) -> Tensor<2> {
    let array = set.input(case, name).unwrap();
    let shape = array.dims::<2>().unwrap();
    Tensor::from_data(TensorData::new(array.floats(), shape), device)
}

/// Accuracies in percent against the integer targets and against the teacher's argmax.
fn check_accuracies(tally: &mut Tally, set: &GoldenSet, case: &Case, counts: &[NonZeroUsize]) {
    let student = set.input(case, "student").unwrap();
    let classes = student.dims::<2>().unwrap()[1];
    let scores = student.floats();
    let integers = |labels: Vec<i32>| labels.into_iter().map(|label| label as usize).collect();
    let target: Vec<usize> = integers(set.input(case, "target").unwrap().integers());
    let teacher = rows(set, case, "teacher", &Device::flex()).argmax(1);
    let teacher = integers(teacher.into_data().iter::<i32>().collect());
    for (output, labels) in [
        ("acc_hard", target),
        ("acc_against_teacher_argmax", teacher),
    ] {
        let percent: Vec<f32> = counts
            .iter()
            .map(|count| top_accuracy(&scores, classes, &labels, *count).unwrap())
            .map(|accuracy| accuracy.percent() as f32)
            .collect();
        tally.compare(set, case, output, &percent).unwrap();
    }
    tally.finish(case);
}

fn check(tally: &mut Tally, set: &GoldenSet, case: &Case) {
    let parameters: Parameters = case.parameters().unwrap();
    if let Some(counts) = &parameters.topk {
        return check_accuracies(tally, set, case, counts);
    }
    let Some(criterion) = criterion(&parameters) else {
        return tally.fail(
            case,
            format!("{:?} is no criterion of ours", parameters.loss),
        );
    };
    let device = Device::flex();
    let student = rows(set, case, "student", &device.clone().autodiff()).require_grad();
    let [batch, classes] = student.dims();
    let labels: Vec<usize> = if case.inputs.contains_key("target") {
        let labels = set.input(case, "target").unwrap();
        labels.values.iter().map(|label| *label as usize).collect()
    } else {
        vec![0; batch]
    };
    let targets = if criterion.needs_soft_targets() {
        Targets::from_logits(rows(set, case, "teacher", &device), &labels)
    } else {
        Targets::from_classes(&labels, classes, &device)
    };
    let loss = criterion.loss(student.clone(), &targets.unwrap());
    let gradients = loss.clone().backward();
    let floats = |data: TensorData| data.try_to_vec::<f32>().unwrap();
    let gradient = floats(student.grad(&gradients).unwrap().into_data());
    tally
        .compare(set, case, "loss", &floats(loss.into_data()))
        .unwrap();
    tally.compare(set, case, "grad_student", &gradient).unwrap();
    tally.finish(case);
}

#[test]
fn criteria_reproduce_the_reference() {
    let mut tally = Tally::new();
    for set in &load().unwrap() {
        for case in set.cases("losses") {
            check(&mut tally, set, case);
        }
    }
    println!("{tally}");
    assert_eq!(tally.failures(), Vec::<String>::new(), "{tally}");
}
