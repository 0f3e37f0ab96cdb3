//! The optimizers of trainings against PyTorch's.

use burn::module::{Module, Param};
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor, TensorData};
use ddrank_optim::{Adam, AdamW, Optimizer, Sgd};
use ddrank_tests::golden::{Case, GoldenSet, Tally, load};
use serde::Deserialize;

#[derive(Deserialize)]
struct Parameters {
    optimizer: String,
    lr: f64,
    weight_decay: f64,
    momentum_argument: Momentum,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Momentum {
    One(f64),
    Betas([f64; 2]),
}

#[derive(Module, Debug)]
struct One {
    weight: Param<Tensor<2>>,
}

fn optimizer(parameters: &Parameters) -> Option<ModuleOptimizer> {
    let weight_decay = parameters.weight_decay;
    let betas = match parameters.momentum_argument {
        Momentum::Betas(betas) => betas,
        Momentum::One(_) => [0.9, 0.999],
    };
    let eps = 1e-8;
    let rule = match (parameters.optimizer.as_str(), &parameters.momentum_argument) {
        ("sgd", &Momentum::One(momentum)) => Optimizer::Sgd(Sgd {
            momentum,
            weight_decay,
        }),
        ("adam", _) => Optimizer::Adam(Adam {
            betas,
            eps,
            weight_decay,
        }),
        ("adamw", _) => Optimizer::AdamW(AdamW {
            betas,
            eps,
            weight_decay,
        }),
        _ => return None,
    };
    Some(rule.build())
}

fn check(tally: &mut Tally, set: &GoldenSet, case: &Case) {
    let parameters: Parameters = case.parameters().unwrap();
    let Some(mut optimizer) = optimizer(&parameters) else {
        return tally.not_covered(case, format!("optimiser {}", parameters.optimizer));
    };
    let device = Device::flex();
    let start = set.input(case, "start").unwrap();
    let shape = start.dims::<2>().unwrap();
    let start = TensorData::new(start.floats(), shape);
    let mut module = One {
        weight: Param::from_data(start, &device.clone().autodiff()),
    };
    let gradients = set.input(case, "gradients").unwrap().floats();
    let mut after = Vec::new();
    for gradient in gradients.chunks(shape[0] * shape[1]) {
        let gradient = Tensor::<2>::from_data(TensorData::new(gradient.to_vec(), shape), &device);
        let mut gradients = GradientsParams::new();
        gradients.register(module.weight.id, gradient);
        module = optimizer.step(parameters.lr, module, gradients);
        after.extend(module.weight.val().into_data().try_to_vec::<f32>().unwrap());
    }
    tally.compare(set, case, "after_each_step", &after).unwrap();
}

#[test]
fn optimisers_reproduce_pytorch() {
    let mut tally = Tally::new();
    for set in &load().unwrap() {
        for case in set.cases("optimizers") {
            check(&mut tally, set, case);
        }
    }
    println!("{tally}");
    assert_eq!(tally.failures(), Vec::<String>::new(), "{tally}");
}
