//! The criteria against the reference's values and gradients.

use burn::tensor::{Device, Tensor, TensorData};
use ddrank_labels::{Criterion, MseGt, Softening, Targets};
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

fn check(tally: &mut Tally, set: &GoldenSet, case: &Case) {
    let parameters: Parameters = case.parameters().unwrap();
    let Some(criterion) = criterion(&parameters) else {
        let reason = parameters.loss.unwrap_or("accuracy".into());
        return tally.not_covered(case, reason);
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
