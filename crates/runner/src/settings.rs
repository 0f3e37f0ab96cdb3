//! The settings of an experiment in words, for the report.

use ddrank_models::{Family, ModelSpec};

use crate::configuration::{LabelMode, LabelSection, Metric, RealArm};
use crate::experiment::{Experiment, SetIndex};
use crate::race::Race;
use crate::recipe::{Optimizer, Recipe, Schedule, Selection};
use crate::report::Setting;
use crate::trial::Preparation;

/// What a reader needs to know to repeat the experiment, in the order to be shown.
pub(crate) fn settings(experiment: &Experiment) -> Vec<Setting> {
    let configuration = experiment.configuration();
    let setting = |name: &str, value: String| Setting {
        name: name.to_owned(),
        value,
    };
    let agent = &configuration.agent;
    let mut settings = vec![
        setting("agent model", model(agent)),
        setting("training", training(&configuration.training)),
        setting("learning rates", rates(&configuration.training)),
    ];
    let synthetic = experiment.distilled(SetIndex::Synthetic);
    if let Some(rate) = synthetic.learning_rate {
        settings.push(setting(
            "learning rate of the distilled set",
            format!("{rate}, given"),
        ));
    }
    settings.push(setting(
        "augmentation",
        configuration.training.augmentation.to_string(),
    ));
    settings.push(setting(
        "preparation of real images",
        preparation(experiment.preparation()),
    ));
    settings.push(setting(
        "labels of the distilled set",
        synthetic.labels.clone(),
    ));
    let mixes = configuration.training.augmentation.mixes();
    settings.extend(labels(&configuration.labels, mixes).map(|(name, value)| setting(name, value)));
    if configuration.metric == Metric::Lrs {
        settings.push(setting("real-data accuracy", real(&configuration.real)));
    }
    settings.push(setting(
        "accuracy that counts",
        match configuration.training.selection {
            Selection::Best => {
                format!(
                    "best on the test set, tested every {} epochs and after the last",
                    configuration.training.test_interval
                )
            }
            Selection::Last => "after the last epoch".to_owned(),
        },
    ));
    settings.push(setting("seed", configuration.seed.to_string()));
    settings
}

/// The label mode with its criterion and its teachers.
fn labels(labels: &LabelSection, mixes: usize) -> impl Iterator<Item = (&'static str, String)> {
    let mode = match labels.mode {
        LabelMode::Hard => None,
        LabelMode::Single => Some("single: one stored soft label an image"),
        LabelMode::Multiple => Some("multiple: the teachers label every augmented batch"),
    };
    let teachers: Vec<String> = labels
        .teachers
        .iter()
        .map(|teacher| model(&teacher.model))
        .collect();
    let teachers = match teachers.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        several => Some(format!("mean of the logits of {}", several.join("; "))),
    };
    let rows = [
        ("label mode", mode.map(str::to_owned)),
        ("criterion", mode.map(|_| labels.criterion.to_string())),
        ("teachers", teachers),
        (
            "mixed images",
            (labels.mode != LabelMode::Multiple && mixes > 0).then(|| {
                match labels.mix {
                    true => "their labels are mixed too",
                    false => "keep the label of the first one",
                }
                .to_owned()
            }),
        ),
        (
            "hard-label arms",
            labels.hard_augmentation.then(|| "augmented too".to_owned()),
        ),
    ];
    rows.into_iter()
        .filter_map(|(name, value)| value.map(|value| (name, value)))
}

fn real(real: &RealArm) -> String {
    match real {
        RealArm::Given(accuracy) => format!("{accuracy}, given"),
        RealArm::Trained(recipe) => {
            let rates = rates(recipe);
            let augmentation = &recipe.augmentation;
            format!(
                "{}; learning rates {rates}; augmentation {augmentation}",
                training(recipe)
            )
        }
    }
}

fn model(agent: &ModelSpec) -> String {
    match agent.name.family() {
        Family::ConvNet => format!("{}, width {}", agent.name, agent.width),
        _ => format!("{}, as in {}", agent.name, agent.source),
    }
}

fn training(recipe: &Recipe) -> String {
    let optimizer = match recipe.optimizer {
        Optimizer::Sgd {
            momentum,
            weight_decay,
        } => format!("SGD, momentum {momentum}, weight decay {weight_decay}"),
        Optimizer::Adam {
            betas: [first, second],
            eps,
            weight_decay,
        } => format!(
            "Adam, betas {first} and {second}, eps {eps:e}, weight decay {weight_decay} in the gradient"
        ),
        Optimizer::AdamW {
            betas: [first, second],
            eps,
            weight_decay,
        } => format!(
            "AdamW, betas {first} and {second}, eps {eps:e}, decoupled weight decay {weight_decay}"
        ),
    };
    let schedule = match recipe.schedule {
        Schedule::Constant => "constant rate".to_owned(),
        Schedule::Step { step_size, gamma } => {
            format!("rate times {gamma} every {step_size} epochs")
        }
        Schedule::CosineAnnealing => "cosine annealing to zero".to_owned(),
        Schedule::Cosine => "cosine to half the rate".to_owned(),
    };
    format!(
        "{} epochs, batch {}, {optimizer}, {schedule}",
        recipe.epochs, recipe.batch_size
    )
}

fn rates(recipe: &Recipe) -> String {
    let rates = &recipe.learning_rates;
    let listed: Vec<String> = rates.iter().map(f64::to_string).collect();
    if rates.len() == 1 {
        return listed.concat();
    }
    let best = format!("best of {}", listed.join(", "));
    let Some(race) = Race::of(recipe, rates) else {
        return best;
    };
    let rungs: Vec<String> = race.rungs.iter().map(u32::to_string).collect();
    format!(
        "{best} by successive halving: the worse half is given up after {} of {} epochs",
        rungs.join(", "),
        recipe.epochs
    )
}

fn preparation(preparation: &Preparation) -> String {
    match preparation {
        Preparation::Normalise { mean, std } => {
            format!("normalised, mean {mean:?}, standard deviation {std:?}")
        }
        Preparation::Whiten { variant, .. } => format!("ZCA whitening, {variant:?}"),
    }
}
