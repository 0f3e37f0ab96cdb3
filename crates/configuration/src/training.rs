//! `[training]` and `[real_training]`: how an agent model is trained.

use ddrank_augment::Augmentation;
use ddrank_keys::{Documented, Key, one_up_to};
use ddrank_optim::{Optimizer, Schedule};

use crate::preset::{Preset, TrainingDefaults};
use crate::race::rungs;
use crate::recipe::{LEARNING_RATE_GRID, Recipe, SGD, step};
use crate::search::Search;
use crate::section::{Checked, Section};
use crate::selection::Selection;

const PRESET: Key<Preset> = Key::optional(
    "preset",
    "that of the dataset and the agent model, else `CIFAR10-ConvNet-3`",
    "`[real_training]` and `ddrank train` only: a row of the reference's table of full-data recipes, below; other keys override it",
)
.of("a preset's name");
const EPOCHS: Key<u32> = one_up_to!(
    Key::new("epochs", || 1000, "passes over the set"),
    1_000_000
);
const BATCH_SIZE: Key<usize> = one_up_to!(
    Key::new(
        "batch_size",
        || 256,
        "images a step; the last, smaller batch is kept",
    ),
    10_000_000
);
const OPTIMIZER: Key<Optimizer> = Key::new(
    "optimizer",
    || SGD,
    "the update rule: one of the optimizers below",
);
const SCHEDULE: Key<Schedule> = Key::new(
    "schedule",
    || step(500),
    "the course of the learning rate: one of the schedules below",
);
const LEARNING_RATES: Key<Vec<f64>> = Key::new(
    "learning_rates",
    || LEARNING_RATE_GRID.to_vec(),
    "the grid; the best one counts, the earlier one on a tie",
)
.where_(
    "a list of positive numbers such as `[0.01, 0.1]`, at most 256",
    |rates| rates.len() <= 256,
);
const SEARCH: Key<Search> = Key::new(
    "search",
    || Search::Grid,
    "how the best of the grid is found: one of the searches below",
);
const TEST_INTERVAL: Key<u32> = one_up_to!(
    Key::optional(
        "test_interval",
        "10 for `lrs` with hard labels and for full data, else 20",
        "test every so many epochs, and after the last",
    ),
    1_000_000
);
const SELECTION: Key<Selection> = Key::new(
    "selection",
    || Selection::Best,
    "which point of the curve counts: one of the selections below",
);
const AUGMENTATION: Key<Augmentation> = Key::optional(
    "augmentation",
    "none",
    "`[real_training]` only: augmentation of this arm; that of the others is the table `[augmentation]`",
)
.of("an augmentation");

/// The keys of `[training]` and `[real_training]`.
pub(crate) const KEYS: &[&dyn Documented] = &[
    &EPOCHS,
    &BATCH_SIZE,
    &OPTIMIZER,
    &SCHEDULE,
    &LEARNING_RATES,
    &SEARCH,
    &TEST_INTERVAL,
    &SELECTION,
    &PRESET,
    &AUGMENTATION,
];

impl Recipe {
    /// The recipe of the synthetic and random arms.
    pub(crate) fn distilled(
        mut section: Section<'_>,
        test_interval: u32,
        augmentation: Augmentation,
    ) -> Checked<Self> {
        section.refuse(
            &PRESET,
            "presets are full-data recipes; only `real_training` has `preset`",
        )?;
        section.refuse(
            &AUGMENTATION,
            "the augmentation of these arms is the table `augmentation`",
        )?;
        Self::read(section, None, test_interval, augmentation)
    }

    /// The recipe of a training on real data, with an augmentation of its own: a preset, and the keys that override it.
    pub(crate) fn full_data(mut section: Section<'_>, default: Preset) -> Checked<Self> {
        let augmentation = section.given(&AUGMENTATION)?;
        let augmentation = augmentation.unwrap_or_default();
        Self::overridden(section, default, augmentation)
    }

    /// The recipe of `ddrank train`.
    pub(crate) fn teaching(
        mut section: Section<'_>,
        default: Preset,
        augmentation: Augmentation,
    ) -> Checked<Self> {
        section.refuse(
            &AUGMENTATION,
            "the augmentation of this training is the table `augmentation`",
        )?;
        section.refuse(
            &SEARCH,
            "`ddrank train` tries every learning rate; only `ddrank score` has a search",
        )?;
        Self::overridden(section, default, augmentation)
    }

    fn overridden(
        mut section: Section<'_>,
        default: Preset,
        augmentation: Augmentation,
    ) -> Checked<Self> {
        let preset = section.given(&PRESET)?.unwrap_or(default);
        Self::read(
            section,
            Some(preset.defaults()),
            Preset::TEST_INTERVAL,
            augmentation,
        )
    }

    fn read(
        mut section: Section<'_>,
        defaults: Option<TrainingDefaults>,
        test_interval: u32,
        augmentation: Augmentation,
    ) -> Checked<Self> {
        // A key that is not given is the preset's; without one it has the default that it documents.
        fn either<T: ddrank_keys::Value>(
            section: &mut Section<'_>,
            key: &Key<T>,
            preset: Option<T>,
        ) -> Checked<T> {
            match (section.given(key)?, preset) {
                (Some(given), _) => Ok(given),
                (None, Some(preset)) => Ok(preset),
                (None, None) => section.take(key),
            }
        }
        let of = defaults.as_ref();
        let epochs = either(&mut section, &EPOCHS, of.map(|of| of.epochs))?;
        let learning_rates = either(
            &mut section,
            &LEARNING_RATES,
            of.map(|of| of.learning_rates.to_vec()),
        )?;
        check_rates(&section, &learning_rates)?;
        let test_interval = section.given(&TEST_INTERVAL)?.unwrap_or(test_interval);
        let search = section.take(&SEARCH)?;
        check_search(
            &section,
            search,
            [learning_rates.len() as u32, epochs, test_interval],
        )?;
        let recipe = Self {
            epochs,
            search,
            batch_size: either(&mut section, &BATCH_SIZE, of.map(|of| of.batch_size))?,
            optimizer: either(&mut section, &OPTIMIZER, of.map(|of| of.optimizer))?,
            schedule: either(&mut section, &SCHEDULE, of.map(|of| of.schedule))?,
            learning_rates,
            test_interval,
            selection: section.take(&SELECTION)?,
            augmentation,
        };
        section.finish()?;
        Ok(recipe)
    }
}

fn check_rates(section: &Section<'_>, rates: &[f64]) -> Checked<()> {
    let key = LEARNING_RATES.name();
    if rates.is_empty() {
        return Err(section.error(key, "the grid is empty; give at least one learning rate"));
    }
    for (index, rate) in rates.iter().enumerate() {
        if !(rate.is_finite() && *rate > 0.0) {
            let message = format!("{rate} is not a learning rate; expected a positive number");
            return Err(section.error(key, message));
        }
        if rates[..index].contains(rate) {
            return Err(section.error(key, format!("{rate} stands in the grid twice")));
        }
    }
    Ok(())
}

/// Whether so many rates can be searched like this in so many epochs with so many between two tests.
fn check_search(
    section: &Section<'_>,
    search: Search,
    [candidates, epochs, test_interval]: [u32; 3],
) -> Checked<()> {
    match search {
        Search::Grid => Ok(()),
        Search::Halving if candidates < 2 => {
            let message = "`halving` chooses among several `learning_rates`, and there is one";
            Err(section.error(SEARCH.name(), message))
        }
        Search::Halving if rungs(candidates as usize, epochs, test_interval).is_empty() => {
            let message = format!(
                "`halving` compares at tests before the end, and {epochs} epochs tested every {test_interval} have none \
                 by half of them; give a smaller `test_interval`"
            );
            Err(section.error(SEARCH.name(), message))
        }
        Search::Halving => Ok(()),
    }
}
