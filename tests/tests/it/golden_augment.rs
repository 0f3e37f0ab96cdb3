//! Augmentations against recorded runs of the reference.

use burn::tensor::{Device, Tensor, TensorData};
use ddrank_augment::{Dsa, DsaDraws, DsaMode, DsaOperation, DsaParameters, DsaStep};
use ddrank_tests::golden::{Array, Case, GoldenSet, Tally, load};
use serde::Deserialize;

#[derive(Deserialize)]
struct Parameters {
    op: String,
    dsa_params: Option<serde_json::Value>,
    #[serde(default)]
    siamese: bool,
    #[serde(default)]
    mode: DsaMode,
}

fn operation(
    operation: DsaOperation,
    draws: &mut impl Iterator<Item = Array>,
    steps: &mut Vec<DsaStep>,
) {
    let mut next = || draws.next().unwrap();
    match operation {
        DsaOperation::Scale => {
            let (horizontal, vertical) = (next().floats(), next().floats());
            steps.push(DsaStep::Scale {
                horizontal,
                vertical,
            });
        }
        DsaOperation::Rotate => steps.push(DsaStep::Rotate {
            angle: next().floats(),
        }),
        DsaOperation::Flip => steps.push(DsaStep::Flip {
            chance: next().floats(),
        }),
        DsaOperation::Color => {
            steps.push(DsaStep::Brightness {
                unit: next().floats(),
            });
            steps.push(DsaStep::Saturation {
                unit: next().floats(),
            });
            steps.push(DsaStep::Contrast {
                unit: next().floats(),
            });
        }
        DsaOperation::Crop => {
            let (rows, columns) = (next().integers(), next().integers());
            steps.push(DsaStep::Crop { rows, columns });
        }
        DsaOperation::Cutout => {
            let (rows, columns) = (next().integers(), next().integers());
            steps.push(DsaStep::Cutout { rows, columns });
        }
    }
}

/// The steps of a case, or `None` for an operation that is not DSA's.
fn steps(parameters: &Parameters, draws: &mut impl Iterator<Item = Array>) -> Option<Vec<DsaStep>> {
    let mut steps = Vec::new();
    let single = match parameters.op.as_str() {
        "scale" => DsaOperation::Scale,
        "rotate" => DsaOperation::Rotate,
        "flip" => DsaOperation::Flip,
        "color" => DsaOperation::Color,
        "crop" => DsaOperation::Crop,
        "cutout" => DsaOperation::Cutout,
        "chain" => match parameters.mode {
            DsaMode::Single => DsaOperation::ALL[draws.next().unwrap().integers()[0] as usize],
            DsaMode::Multiple => {
                for each in DsaOperation::ALL {
                    operation(each, draws, &mut steps);
                }
                return Some(steps);
            }
        },
        "brightness" => {
            return Some(vec![DsaStep::Brightness {
                unit: draws.next()?.floats(),
            }]);
        }
        "saturation" => {
            return Some(vec![DsaStep::Saturation {
                unit: draws.next()?.floats(),
            }]);
        }
        "contrast" => {
            return Some(vec![DsaStep::Contrast {
                unit: draws.next()?.floats(),
            }]);
        }
        _ => return None,
    };
    operation(single, draws, &mut steps);
    Some(steps)
}

fn check(tally: &mut Tally, set: &GoldenSet, case: &Case, device: &Device) {
    let parameters: Parameters = case.parameters().unwrap();
    let mut draws = case
        .draws()
        .into_iter()
        .map(|name| set.input(case, name).unwrap());
    let Some(steps) = steps(&parameters, &mut draws) else {
        return tally.not_covered(case, format!("operation {}", parameters.op));
    };
    assert_eq!(draws.count(), 0, "{}: draws are left over", case.id);
    let mut dsa = serde_json::from_value::<Dsa>(parameters.dsa_params.unwrap()).unwrap();
    dsa.siamese = parameters.siamese;
    let images = set.input(case, "x").unwrap();
    let images = Tensor::from_data(
        TensorData::new(images.floats(), images.dims::<4>().unwrap()),
        device,
    );
    let got = dsa.apply(images, &DsaDraws { steps }).into_data();
    tally
        .compare(set, case, "y", &got.try_to_vec::<f32>().unwrap())
        .unwrap();
}

fn tally_on(device: &Device) -> Tally {
    let mut tally = Tally::new();
    for set in &load().unwrap() {
        for case in set.cases("augment") {
            check(&mut tally, set, case, device);
        }
    }
    tally
}

#[test]
fn dsa_reproduces_the_recorded_pictures() {
    let tally = tally_on(&Device::flex());
    println!("{tally}");
    assert_eq!(tally.failures(), Vec::<String>::new(), "{tally}");
}

/// The autodiff device resamples with other code than the plain one.
#[test]
fn dsa_is_the_same_on_the_autodiff_device() {
    let tally = tally_on(&Device::flex().autodiff());
    assert_eq!(tally.failures(), Vec::<String>::new(), "{tally}");
}

#[test]
fn standard_strengths_are_the_recorded_ones() {
    let sets = load().unwrap();
    let case = sets
        .iter()
        .flat_map(|set| set.cases("augment"))
        .find(|case| case.id.ends_with("dsa_scale_sq"));
    let parameters: Parameters = case.unwrap().parameters().unwrap();
    let dsa: Dsa = serde_json::from_value(parameters.dsa_params.unwrap()).unwrap();
    assert_eq!(dsa.parameters, DsaParameters::default());
}
