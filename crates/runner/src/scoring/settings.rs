//! The settings of an experiment in words, for the report.

use ddrank_configuration::{LabelMode, LabelSection, Race, Recipe};
use ddrank_report::{Protocol, RealAccuracy, Setting};

use crate::experiment::Experiment;
use crate::input::Preparation;

/// What a reader needs to know to repeat the experiment, in the order to be shown.
pub(crate) fn settings(experiment: &Experiment, protocol: &Protocol) -> Vec<Setting> {
    let configuration = experiment.configuration();
    let setting = |name: &str, value: String| Setting {
        name: name.to_owned(),
        value,
    };
    let agent = &configuration.agent;
    let mut settings = vec![
        setting("agent model", agent.to_string()),
        setting("training", training(&configuration.training)),
        setting("learning rates", rates(&configuration.training)),
    ];
    let synthetic = experiment.synthetic();
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
    settings.extend(labels(experiment, mixes).map(|(name, value)| setting(name, value)));
    match &protocol.real {
        RealAccuracy::None => {}
        real @ (RealAccuracy::Given(_) | RealAccuracy::Trained(_)) => {
            settings.push(setting("real-data accuracy", real.to_string()));
        }
    }
    let selection = protocol.selection.iter();
    settings.extend(selection.map(|words| setting("accuracy that counts", words.to_string())));
    settings.push(setting("seed", configuration.seed.to_string()));
    settings
}

/// The label mode with its criterion and its teachers.
fn labels(experiment: &Experiment, mixes: usize) -> impl Iterator<Item = (&'static str, String)> {
    let labels: &LabelSection = &experiment.configuration().labels;
    let mode = match labels.mode {
        LabelMode::Hard => None,
        LabelMode::Single => Some("single: one stored soft label an image"),
        LabelMode::Multiple => Some("multiple: the teachers label every augmented batch"),
    };
    let teachers: Vec<String> = labels
        .teachers
        .iter()
        .zip(experiment.teacher_accuracies())
        .map(|(teacher, accuracy)| {
            let known = accuracy.map_or_else(String::new, |accuracy| {
                format!(", {accuracy} of the test images right")
            });
            let key = teacher.weights_key.as_ref();
            let key = key.map_or_else(String::new, |key| format!(", weights of \"{key}\""));
            format!("{}{key}{known}", teacher.model)
        })
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

/// The recipe of a training on the full real data.
pub(crate) fn full_data_recipe(recipe: &Recipe) -> String {
    let rates = rates(recipe);
    let augmentation = &recipe.augmentation;
    format!(
        "{}; learning rates {rates}; augmentation {augmentation}",
        training(recipe)
    )
}

fn training(recipe: &Recipe) -> String {
    let Recipe {
        epochs,
        batch_size,
        optimizer,
        schedule,
        ..
    } = recipe;
    format!("{epochs} epochs, batch {batch_size}, {optimizer}, {schedule}")
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
