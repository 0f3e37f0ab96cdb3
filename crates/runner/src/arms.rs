//! What a metric is: its arms. Each is a role of trainings, described by the configuration alone; [`crate::plan`] turns
//! arms into trials.

use std::fmt;

use ddrank_augment::Augmentation;
use ddrank_metrics::Accuracy;

use crate::configuration::{Baseline, Configuration, LabelMode, Metric, RealArm};
use crate::recipe::Recipe;

/// A named role of trials inside a metric.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ArmName {
    /// The full real data, hard labels.
    RealHard,
    /// The distilled set, hard labels.
    SynHard,
    /// A random selection, hard labels.
    RandomHard,
    /// The distilled set, the recipe's labels.
    SynAny,
    /// A random selection, the recipe's labels.
    RandomAny,
    /// The distilled set with the recipe's augmentation.
    SynAug,
    /// A random selection with the recipe's augmentation.
    RandomAug,
    /// The distilled set without augmentation.
    SynNoaug,
    /// A random selection without augmentation.
    RandomNoaug,
    /// Images of noise, the recipe's labels.
    Noise,
    /// Another distilled set with the whole recipe.
    Compare(String),
}

impl ArmName {
    /// What it is, in a few words.
    pub fn description(&self) -> String {
        let text = match self {
            Self::RealHard => "all real training images, hard labels",
            Self::SynHard => "the distilled set, hard labels",
            Self::RandomHard => "a random selection of real images, hard labels",
            Self::SynAny => "the distilled set, the recipe's labels",
            Self::RandomAny => "a random selection of real images, the recipe's labels",
            Self::SynAug => "the distilled set, with augmentation",
            Self::RandomAug => "a random selection of real images, with augmentation",
            Self::SynNoaug => "the distilled set, without augmentation",
            Self::RandomNoaug => "a random selection of real images, without augmentation",
            Self::Noise => "images of uniform noise, the recipe's labels",
            Self::Compare(name) => return format!("the distilled set `{name}`, the whole recipe"),
        };
        text.to_owned()
    }

    /// Whether it is trained on a random selection.
    pub fn is_random(&self) -> bool {
        matches!(
            self,
            Self::RandomHard | Self::RandomAny | Self::RandomAug | Self::RandomNoaug
        )
    }
}

/// The name in reports, such as `syn-hard`.
impl fmt::Display for ArmName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::RealHard => "real-hard",
            Self::SynHard => "syn-hard",
            Self::RandomHard => "random-hard",
            Self::SynAny => "syn-any",
            Self::RandomAny => "random-any",
            Self::SynAug => "syn-aug",
            Self::RandomAug => "random-aug",
            Self::SynNoaug => "syn-noaug",
            Self::RandomNoaug => "random-noaug",
            Self::Noise => "noise",
            Self::Compare(name) => return write!(formatter, "set-{name}"),
        };
        formatter.write_str(name)
    }
}

/// An arm before any data is known.
#[derive(Clone, Debug)]
pub struct ArmDescription {
    /// Its role.
    pub name: ArmName,
    /// Where its accuracies come from.
    pub work: ArmWork,
}

/// Where the accuracies of an arm come from.
#[derive(Clone, Debug)]
pub enum ArmWork {
    /// The configuration.
    Given(Accuracy),
    /// Training.
    Trained(ArmTraining),
}

/// How an arm is trained.
#[derive(Clone, Debug)]
pub struct ArmTraining {
    /// On what.
    pub set: ArmSet,
    /// With which labels.
    pub labels: ArmLabels,
    /// How, augmentation included.
    pub recipe: Recipe,
    /// With which learning rates.
    pub rates: Rates,
}

/// What an arm is trained on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArmSet {
    /// All real training images.
    Real,
    /// The distilled set.
    Synthetic,
    /// Another distilled set, by its place among those to compare with.
    Compare(usize),
    /// A random selection, a new one for each round.
    Random,
    /// Images of noise, new ones for each round.
    Noise,
}

/// Which labels an arm is trained with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArmLabels {
    /// Classes.
    Hard,
    /// What `[labels]` says.
    Recipe,
}

/// Which learning rates an arm tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rates {
    /// Those of its recipe.
    Grid,
    /// The one that came with its distilled set, or those of its recipe if none did.
    Given,
}

/// The arms of the configured metric, in the order in which they are run and shown.
pub fn arms(configuration: &Configuration) -> Vec<ArmDescription> {
    let mut arms = match (configuration.metric, configuration.labels.mode) {
        (Metric::Lrs, LabelMode::Hard) => lrs_hard(configuration),
        (Metric::Lrs, LabelMode::Single | LabelMode::Multiple) => lrs_soft(configuration),
        (Metric::Ars, _) => ars(configuration),
        (Metric::Accuracy, _) => accuracy(configuration),
    };
    arms.extend(further(configuration));
    arms
}

/// LRS with hard labels: HLR = real - syn and IOR = syn - random, all with hard labels and the same augmentation.
fn lrs_hard(configuration: &Configuration) -> Vec<ArmDescription> {
    let arm = |name, set, rates| {
        let recipe = configuration.training.clone();
        trained(name, set, ArmLabels::Hard, recipe, rates)
    };
    vec![
        real(configuration),
        arm(ArmName::SynHard, ArmSet::Synthetic, Rates::Given),
        arm(ArmName::RandomHard, ArmSet::Random, Rates::Grid),
    ]
}

/// LRS with soft labels: HLR = real - syn with hard labels, IOR = syn - random with the recipe's labels. The hard-label
/// training always searches the learning rate: the given one belongs to the method's own labels.
fn lrs_soft(configuration: &Configuration) -> Vec<ArmDescription> {
    let recipe = || configuration.training.clone();
    let hard = if configuration.labels.hard_augmentation {
        recipe()
    } else {
        without_augmentation(recipe())
    };
    let any = |name, set, rates| trained(name, set, ArmLabels::Recipe, recipe(), rates);
    vec![
        real(configuration),
        trained(
            ArmName::SynHard,
            ArmSet::Synthetic,
            ArmLabels::Hard,
            hard,
            Rates::Grid,
        ),
        any(ArmName::SynAny, ArmSet::Synthetic, Rates::Given),
        any(ArmName::RandomAny, ArmSet::Random, Rates::Grid),
    ]
}

/// ARS: syn - random with and without augmentation, with the recipe's labels.
fn ars(configuration: &Configuration) -> Vec<ArmDescription> {
    let with = || configuration.training.clone();
    let without = || without_augmentation(configuration.training.clone());
    let arm = |name, set, recipe, rates| trained(name, set, ArmLabels::Recipe, recipe, rates);
    let (syn, random) = (ArmSet::Synthetic, ArmSet::Random);
    vec![
        arm(ArmName::SynAug, syn, with(), Rates::Given),
        arm(ArmName::RandomAug, random, with(), Rates::Grid),
        arm(ArmName::SynNoaug, syn, without(), Rates::Given),
        arm(ArmName::RandomNoaug, random, without(), Rates::Grid),
    ]
}

/// Plain accuracy of the distilled set with the whole recipe; beside it random images, on request.
fn accuracy(configuration: &Configuration) -> Vec<ArmDescription> {
    let any = |name, set, rates| {
        let recipe = configuration.training.clone();
        trained(name, set, ArmLabels::Recipe, recipe, rates)
    };
    let mut arms = vec![any(ArmName::SynAny, ArmSet::Synthetic, Rates::Given)];
    if configuration.baselines.contains(&Baseline::Random) {
        arms.push(any(ArmName::RandomAny, ArmSet::Random, Rates::Grid));
    }
    arms
}

/// Arms that can stand beside those of any metric, with the whole recipe.
fn further(configuration: &Configuration) -> Vec<ArmDescription> {
    let any = |name, set, rates| {
        let recipe = configuration.training.clone();
        trained(name, set, ArmLabels::Recipe, recipe, rates)
    };
    let noise = configuration.baselines.contains(&Baseline::Noise);
    let noise = noise.then(|| any(ArmName::Noise, ArmSet::Noise, Rates::Grid));
    let compare = configuration
        .compare
        .iter()
        .enumerate()
        .map(|(index, set)| {
            let name = ArmName::Compare(set.name.clone());
            any(name, ArmSet::Compare(index), Rates::Given)
        });
    noise.into_iter().chain(compare).collect()
}

/// The full-data arm: hard labels, its own recipe.
fn real(configuration: &Configuration) -> ArmDescription {
    match &configuration.real {
        RealArm::Given(accuracy) => ArmDescription {
            name: ArmName::RealHard,
            work: ArmWork::Given(*accuracy),
        },
        RealArm::Trained(recipe) => trained(
            ArmName::RealHard,
            ArmSet::Real,
            ArmLabels::Hard,
            recipe.clone(),
            Rates::Grid,
        ),
    }
}

fn trained(
    name: ArmName,
    set: ArmSet,
    labels: ArmLabels,
    recipe: Recipe,
    rates: Rates,
) -> ArmDescription {
    ArmDescription {
        name,
        work: ArmWork::Trained(ArmTraining {
            set,
            labels,
            recipe,
            rates,
        }),
    }
}

fn without_augmentation(recipe: Recipe) -> Recipe {
    Recipe {
        augmentation: Augmentation::None,
        ..recipe
    }
}
