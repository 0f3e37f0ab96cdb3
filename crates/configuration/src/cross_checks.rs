//! What sections ask of each other: teachers where images are labelled, stored labels where they are not.

use ddrank_augment::Augmentation;
use ddrank_metrics::{ArmLabels, Source};

use crate::arms::ArmWork;
use crate::configuration::Configuration;
use crate::labels::LabelMode;
use crate::real::RealArm;
use crate::section::{Checked, File};

pub(crate) fn check(configuration: &Configuration, file: &File) -> Checked<()> {
    let labels = &configuration.labels;
    let stored = labels.mode != LabelMode::Multiple || labels.hard_augmentation;
    check_mixing(
        file,
        "augmentation",
        &configuration.training.augmentation,
        stored,
    )?;
    if let RealArm::Trained(recipe) = &configuration.real {
        check_mixing(
            file,
            "real_training.augmentation",
            &recipe.augmentation,
            true,
        )?;
    }
    check_work(configuration, file)?;
    remark(configuration, file);
    check_teachers(configuration, file)?;
    check_stored_labels(configuration, file)
}

/// What makes a score say less than it seems to.
fn remark(configuration: &Configuration, file: &File) {
    let has_real = configuration.metric.has_own(Source::Real);
    if let (true, RealArm::Given(accuracy)) = (has_real, &configuration.real) {
        file.remark(format!(
            "key `real_accuracy`: the accuracy on all real data is given ({accuracy}) and not measured here, so HLR and LRS are as good as it is"
        ));
    }
    if configuration.rounds == 1 {
        let remark = "key `rounds`: one round has no interval, so how much of the result is chance is not known; the protocol has 5";
        file.remark(remark.to_owned());
    }
}

/// The most trainings of an experiment. Plan, journal and report hold each of them.
const MOST_TRAININGS: usize = 50_000;

/// So many trainings can be planned and reported.
fn check_work(configuration: &Configuration, file: &File) -> Checked<()> {
    let rounds = configuration.rounds as usize;
    let trainings: usize = configuration
        .arms()
        .iter()
        .map(|arm| match configuration.work(arm) {
            ArmWork::Given(_) => 0,
            ArmWork::Trained(recipe) => rounds * recipe.learning_rates.len(),
        })
        .sum();
    if trainings <= MOST_TRAININGS {
        return Ok(());
    }
    let message = format!(
        "{rounds} rounds of all arms and learning rates are {trainings} trainings; at most {MOST_TRAININGS} can be planned. Give fewer rounds or learning rates"
    );
    Err(file.text.error("rounds", message))
}

/// Two mixtures of one image have no one weight, so labels that are mixed need an augmentation that mixes once.
fn check_mixing(file: &File, key: &str, augmentation: &Augmentation, stored: bool) -> Checked<()> {
    if stored && augmentation.mixes() > 1 {
        let message = "mixes images more than once, and so there is no one weight to mix their labels with; keep one of `cutmix` and `mixup`, or use `labels.mode` = \"multiple\"";
        return Err(file.text.error(key, message));
    }
    Ok(())
}

/// Teachers are given where something is labelled by them, and only there.
fn check_teachers(configuration: &Configuration, file: &File) -> Checked<()> {
    let labels = &configuration.labels;
    let labelled = match labels.mode {
        LabelMode::Hard => return Ok(()),
        LabelMode::Multiple => Some("label every batch"),
        LabelMode::Single => {
            let arms = configuration.metric.arms(&configuration.setup());
            let needs_teacher = arms.iter().any(|arm| match arm.source {
                Source::Random | Source::Noise => arm.labels == ArmLabels::Recipe,
                Source::Real | Source::Synthetic | Source::Compare(_) => false,
            });
            needs_teacher.then_some("label the images that are not distilled")
        }
    };
    match (labelled, labels.teachers.is_empty()) {
        (Some(why), true) => {
            let message = format!(
                "the label mode \"{}\" needs `teachers` to {why}",
                labels.mode.name()
            );
            Err(file.text.error("labels", message))
        }
        (None, false) => {
            let message = "nothing would be labelled by these teachers: the distilled set has stored labels; remove this key, or set `baselines`";
            Err(file.text.error("labels.teachers", message))
        }
        (Some(_), false) | (None, true) => Ok(()),
    }
}

/// In the mode `single` every distilled set comes with its labels.
fn check_stored_labels(configuration: &Configuration, file: &File) -> Checked<()> {
    if configuration.labels.mode != LabelMode::Single {
        return Ok(());
    }
    let compare = (0..configuration.compare.len()).map(Source::Compare);
    for source in std::iter::once(Source::Synthetic).chain(compare) {
        let Some((set, key)) = configuration.set(source) else {
            continue;
        };
        // A recipe without paths has no labels either.
        if set.images.is_some() && set.labels.is_none() {
            let message = "the label mode \"single\" needs `labels`, one stored soft label an image; `ddrank relabel` makes them";
            return Err(file.text.error(&key, message));
        }
    }
    Ok(())
}
