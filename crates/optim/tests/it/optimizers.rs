//! The optimizers against PyTorch's documented formulas, and their written form.

use burn::module::{Module, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use ddrank_optim::{Adam, AdamW, Optimizer, Sgd};

#[derive(Module, Debug)]
struct One {
    weight: Param<Tensor<1>>,
}

const START: [f64; 3] = [1.5, -0.25, 0.75];
const RATE: f64 = 0.05;

fn gradient(step: usize) -> [f64; 3] {
    [0.5, -2.0, 0.125].map(|scale| scale * (1.0 - 0.75 * step as f64))
}

/// The parameters after five steps of a training's optimizer.
fn trained(rule: Optimizer) -> Vec<f64> {
    let device = Device::flex();
    let floats = |values: [f64; 3]| TensorData::from(values.map(|value| value as f32));
    let mut module = One {
        weight: Param::from_data(floats(START), &device.clone().autodiff()),
    };
    let mut optimizer = rule.build();
    for step in 0..5 {
        let mut gradients = GradientsParams::new();
        let gradient = Tensor::<1>::from_data(floats(gradient(step)), &device);
        gradients.register(module.weight.id, gradient);
        module = optimizer.step(RATE, module, gradients);
    }
    module.weight.val().into_data().iter::<f64>().collect()
}

/// The same by PyTorch's documented formulas, in double precision.
fn formula(rule: Optimizer) -> Vec<f64> {
    let one = |index: usize| {
        let (mut weight, mut first, mut second) = (START[index], 0.0, 0.0);
        for step in 0..5 {
            let gradient = gradient(step)[index];
            match rule {
                Optimizer::Sgd(Sgd {
                    momentum,
                    weight_decay,
                }) => {
                    first = momentum * first + gradient + weight_decay * weight;
                    weight -= RATE * first;
                }
                Optimizer::Adam(Adam {
                    betas,
                    eps,
                    weight_decay,
                })
                | Optimizer::AdamW(AdamW {
                    betas,
                    eps,
                    weight_decay,
                }) => {
                    let mut gradient = gradient;
                    if let Optimizer::AdamW(_) = rule {
                        weight *= 1.0 - RATE * weight_decay;
                    } else {
                        gradient += weight_decay * weight;
                    }
                    first = betas[0] * first + (1.0 - betas[0]) * gradient;
                    second = betas[1] * second + (1.0 - betas[1]) * gradient * gradient;
                    let steps = step as i32 + 1;
                    let mean = first / (1.0 - betas[0].powi(steps));
                    let square = second / (1.0 - betas[1].powi(steps));
                    weight -= RATE * mean / (square.sqrt() + eps);
                }
            }
        }
        weight
    };
    (0..START.len()).map(one).collect()
}

#[test]
fn optimizers_follow_their_formulas() {
    let mut rules = Vec::new();
    for weight_decay in [0.0, 0.5] {
        for momentum in [0.0, 0.9] {
            rules.push(Optimizer::Sgd(Sgd {
                momentum,
                weight_decay,
            }));
        }
        for (betas, eps) in [([0.9, 0.999], 1e-8), ([0.5, 0.8], 1e-8), ([0.9, 0.99], 0.5)] {
            rules.push(Optimizer::Adam(Adam {
                betas,
                eps,
                weight_decay,
            }));
            rules.push(Optimizer::AdamW(AdamW {
                betas,
                eps,
                weight_decay,
            }));
        }
    }
    for rule in rules {
        let (got, expected) = (trained(rule), formula(rule));
        for (got, expected) in got.iter().zip(&expected) {
            assert!(
                (got - expected).abs() < 1e-5,
                "{rule:?}: {got} instead of {expected}"
            );
        }
    }
}

/// Trial keys hash this form: a change of it makes finished trials run again.
#[test]
fn optimizers_keep_their_written_form() {
    let (betas, eps, weight_decay) = ([0.9, 0.999], 1e-8, 0.01);
    for (optimizer, expected) in [
        (
            Optimizer::Sgd(Sgd {
                momentum: 0.9,
                weight_decay: 5e-4,
            }),
            r#"{"name":"sgd","momentum":0.9,"weight_decay":0.0005}"#,
        ),
        (
            Optimizer::Adam(Adam {
                betas,
                eps,
                weight_decay,
            }),
            r#"{"name":"adam","betas":[0.9,0.999],"eps":1e-8,"weight_decay":0.01}"#,
        ),
        (
            Optimizer::AdamW(AdamW {
                betas,
                eps,
                weight_decay,
            }),
            r#"{"name":"adamw","betas":[0.9,0.999],"eps":1e-8,"weight_decay":0.01}"#,
        ),
    ] {
        assert_eq!(serde_json::to_string(&optimizer).unwrap(), expected);
    }
}
