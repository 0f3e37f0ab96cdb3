//! Facts from a parsed configuration of ddrank.

use ddrank_configuration::{Configuration, LabelMode, LearningRateSource, Metric, RealArm};
use ddrank_optim::{
    Adam, AdamW, Constant, Cosine, CosineAnnealing, Optimizer, Schedule, Sgd, Step,
};
use serde_json::Value;

use super::{Facts, Operation};

/// ddrank's names of operations and DD-Ranking's, where they differ.
const NAMES: [(&str, &str); 7] = [
    ("resize-crop", "RandomResizedCrop"),
    ("flip", "RandomHorizontalFlip"),
    ("random-crop", "RandomCrop"),
    ("resize", "Resize"),
    ("center-crop", "CenterCrop"),
    ("gaussian-noise", "GaussianNoise"),
    ("patch-shuffle", "ShufflePatches"),
];

impl Facts {
    /// The facts of a configuration of this method.
    pub fn of(configuration: &Configuration, method: &str) -> Self {
        let soft = configuration.labels.mode != LabelMode::Hard;
        let mut train = steps(serde_json::to_value(&configuration.training.augmentation).unwrap());
        let batch = train.pop_if(|last| ["dsa", "cutmix", "mixup"].contains(&last.name.as_str()));
        let labels = &configuration.labels;
        let (optimizer, weight_decay, momentum) = match configuration.training.optimizer {
            Optimizer::Sgd(Sgd {
                momentum,
                weight_decay,
            }) => ("sgd", weight_decay, Some(momentum)),
            Optimizer::Adam(Adam { weight_decay, .. }) => ("adam", weight_decay, None),
            Optimizer::AdamW(AdamW { weight_decay, .. }) => ("adamw", weight_decay, None),
        };
        let (schedule, step_size) = match configuration.training.schedule {
            Schedule::Step(Step { step_size, gamma }) => {
                assert_eq!(gamma, 0.1);
                ("step", Some(i64::from(step_size)))
            }
            Schedule::Cosine(Cosine {}) => ("cosine", None),
            Schedule::CosineAnnealing(CosineAnnealing {}) => ("cosineannealing", None),
            Schedule::Constant(Constant {}) => panic!("no recipe has a constant schedule"),
        };
        let dataset = match configuration.dataset.name.as_str() {
            "cifar10" => "CIFAR10",
            "cifar100" => "CIFAR100",
            "tiny-imagenet" => "TinyImageNet",
            "imagenet1k" => "ImageNet1K",
            other => panic!("{other}"),
        };
        let zca = configuration.dataset.zca.is_some();
        Self {
            method: method.to_owned(),
            dataset: dataset.to_owned(),
            ipc: configuration.synthetic.ipc as i64,
            metric: match (configuration.metric, soft) {
                (Metric::Lrs, false) => "lrs_hard",
                (Metric::Lrs, true) => "lrs_soft",
                (Metric::Ars, _) => "ars",
                (Metric::Accuracy, _) => "accuracy",
            }
            .to_owned(),
            model: configuration.agent.name.to_string(),
            source: configuration.agent.source.to_string(),
            teachers: labels
                .teachers
                .iter()
                .map(|teacher| teacher.model.name.to_string())
                .collect(),
            teacher_source: labels
                .teachers
                .first()
                .map_or("none".to_owned(), |teacher| {
                    teacher.model.source.to_string()
                }),
            batch_augmentation: batch,
            train,
            validation: preparation(&configuration.text),
            statistics: (!zca).then(|| statistics(configuration, dataset)),
            zca,
            augmented_hard_arms: (configuration.metric == Metric::Lrs && soft)
                .then_some(labels.hard_augmentation),
            label_mode: match labels.mode {
                LabelMode::Hard => None,
                LabelMode::Single => Some("S".to_owned()),
                LabelMode::Multiple => Some("M".to_owned()),
            },
            criterion: soft.then(|| {
                let mut criterion = operation(serde_json::to_value(labels.criterion).unwrap());
                criterion.name = criterion.name.replace('-', "_");
                criterion
            }),
            optimizer: optimizer.to_owned(),
            schedule: schedule.to_owned(),
            step_size,
            weight_decay,
            momentum,
            epochs: i64::from(configuration.training.epochs),
            batch_size: configuration.training.batch_size as i64,
            learning_rate: match &configuration.synthetic.learning_rate {
                None => None,
                Some(LearningRateSource::Value(rate)) => Some(*rate),
                Some(other) => panic!("{other:?}"),
            },
            trains_real: (configuration.metric == Metric::Lrs)
                .then_some(matches!(configuration.real, RealArm::Trained(_))),
        }
    }
}

fn statistics(configuration: &Configuration, dataset: &str) -> String {
    let own = if dataset.starts_with("CIFAR") {
        "cifar10"
    } else {
        "imagenet"
    };
    match &configuration.dataset.normalisation {
        None => own,
        Some(given) if *given == ddrank_data::Normalisation::imagenet() => "imagenet",
        Some(given) if *given == ddrank_data::Normalisation::cifar10() => "cifar10",
        Some(other) => panic!("{other:?}"),
    }
    .to_owned()
}

/// The deterministic steps, read from the text: their form inside a configuration is no contract.
fn preparation(text: &str) -> Vec<Operation> {
    let document: toml::Value = toml::from_str(text).unwrap();
    let steps = document["dataset"].get("transform");
    let steps = steps
        .and_then(toml::Value::as_array)
        .cloned()
        .unwrap_or_default();
    steps
        .into_iter()
        .map(|step| operation(serde_json::to_value(step).unwrap()))
        .collect()
}

/// A list of operations, one or none.
fn steps(value: Value) -> Vec<Operation> {
    match value["name"].as_str() {
        Some("none") => Vec::new(),
        Some("sequence") => {
            let steps = value["transforms"].as_array().unwrap();
            steps.iter().cloned().map(operation).collect()
        }
        _ => vec![operation(value)],
    }
}

fn operation(value: Value) -> Operation {
    let table = value.as_object().unwrap();
    let here = table["name"].as_str().unwrap();
    let name = NAMES
        .iter()
        .find(|(known, _)| *known == here)
        .map_or(here, |(_, there)| there);
    let mut options = Vec::new();
    for (key, value) in table {
        let key = match key.as_str() {
            "alpha" => "lambda",
            key => key,
        };
        match (key, value) {
            ("name", _) => {}
            // What DD-Ranking always does and does not say.
            ("mode", Value::String(mode)) => assert_eq!(mode, "S"),
            ("siamese", Value::Bool(siamese)) => assert!(!siamese),
            ("ratio", ratio) => assert_eq!(ratio.to_string(), "[0.75,1.3333333333333333]"),
            ("fill", fill) => assert_black(fill),
            (key, Value::Bool(flag)) => options.push((key.to_owned(), f64::from(u8::from(*flag)))),
            (key, Value::Array(items)) => {
                let items = items.iter().map(|item| item.as_f64().unwrap());
                let named = items
                    .enumerate()
                    .map(|(index, item)| (format!("{key}.{index}"), item));
                options.extend(named);
            }
            (key, number) => options.push((
                key.to_owned(),
                number
                    .as_f64()
                    .unwrap_or_else(|| panic!("{key} = {number}")),
            )),
        }
    }
    Operation::new(name, options)
}

/// Black before CIFAR-10's normalisation.
fn assert_black(fill: &Value) {
    let fill: Vec<f64> = fill
        .as_array()
        .unwrap()
        .iter()
        .map(|value| value.as_f64().unwrap())
        .collect();
    for (channel, (mean, std)) in [(0.4914, 0.2023), (0.4822, 0.1994), (0.4465, 0.2010)]
        .into_iter()
        .enumerate()
    {
        assert!((fill[channel] + mean / std).abs() < 1e-5, "{fill:?}");
    }
}
