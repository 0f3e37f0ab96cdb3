//! Checks of the training and augmentation tables.

use ddrank_augment::Augmentation;

use super::check::{Check, Checked};
use super::table::{ScheduleTable, TrainingTable};
use crate::race::rungs;
use crate::recipe::{Optimizer, Recipe, Schedule, Search, Selection};

/// What stands for a key that a training table leaves out.
pub(super) struct TrainingDefaults {
    pub(super) epochs: i64,
    pub(super) batch_size: i64,
    pub(super) optimizer: Optimizer,
    pub(super) schedule: Schedule,
    pub(super) learning_rates: &'static [f64],
    pub(super) test_interval: i64,
}

impl Check {
    /// The recipe that the table `section` describes.
    pub(super) fn recipe(
        &self,
        section: &str,
        table: TrainingTable,
        defaults: &TrainingDefaults,
        augmentation: Augmentation,
    ) -> Checked<Recipe> {
        let key = |name: &str| format!("{section}.{name}");
        let epochs = self.positive(&key("epochs"), table.epochs, defaults.epochs)?;
        let learning_rates = self.learning_rates(
            &key("learning_rates"),
            table.learning_rates,
            defaults.learning_rates,
        )?;
        let test_interval = self.positive(
            &key("test_interval"),
            table.test_interval,
            defaults.test_interval,
        )?;
        let search = table.search.as_deref();
        let size = [learning_rates.len() as u32, epochs, test_interval];
        Ok(Recipe {
            epochs,
            search: self.search(&key("search"), search, size)?,
            batch_size: self.positive(&key("batch_size"), table.batch_size, defaults.batch_size)?,
            optimizer: match table.optimizer {
                None => defaults.optimizer,
                Some(table) => self.optimizer(&key("optimizer"), table)?,
            },
            schedule: match table.schedule {
                None => defaults.schedule,
                Some(table) => self.schedule(&key("schedule"), table)?,
            },
            learning_rates,
            test_interval,
            selection: match table.selection.as_deref() {
                None | Some("best") => Selection::Best,
                Some("last") => Selection::Last,
                Some(other) => {
                    let message =
                        format!("`{other}` is not a selection; allowed: \"best\", \"last\"");
                    return Err(self.0.error(&key("selection"), message));
                }
            },
            augmentation,
        })
    }

    /// How the best of so many learning rates is found in so many epochs with so many between two tests.
    fn search(
        &self,
        key: &str,
        search: Option<&str>,
        [candidates, epochs, test_interval]: [u32; 3],
    ) -> Checked<Search> {
        match search {
            None | Some("grid") => Ok(Search::Grid),
            Some("halving") if candidates < 2 => {
                let message = "`halving` chooses among several `learning_rates`, and there is one";
                Err(self.0.error(key, message))
            }
            Some("halving") if rungs(candidates as usize, epochs, test_interval).is_empty() => {
                let message = format!(
                    "`halving` compares at tests before the end, and {epochs} epochs tested every {test_interval} have none \
                     by half of them; give a smaller `test_interval`"
                );
                Err(self.0.error(key, message))
            }
            Some("halving") => Ok(Search::Halving),
            Some(other) => {
                let message = format!("`{other}` is not a search; allowed: \"grid\", \"halving\"");
                Err(self.0.error(key, message))
            }
        }
    }

    fn schedule(&self, key: &str, table: ScheduleTable) -> Checked<Schedule> {
        let without_options = |schedule| match (table.step_size, table.gamma) {
            (None, None) => Ok(schedule),
            (step_size, _) => {
                let option = if step_size.is_some() {
                    "step_size"
                } else {
                    "gamma"
                };
                let message = format!(
                    "`{option}` is not an option of the `{}` schedule; only `step` has it",
                    table.name
                );
                Err(self.0.error(&format!("{key}.{option}"), message))
            }
        };
        match table.name.as_str() {
            "constant" => without_options(Schedule::Constant),
            "cosine" => without_options(Schedule::Cosine),
            "cosine-annealing" => without_options(Schedule::CosineAnnealing),
            "step" => {
                let Some(step_size) = table.step_size else {
                    return Err(self.0.error(
                        key,
                        "the `step` schedule needs `step_size`, the epochs between two changes",
                    ));
                };
                let gamma = table.gamma.unwrap_or(0.1);
                if !(gamma.is_finite() && gamma > 0.0) {
                    return Err(self.0.error(
                        &format!("{key}.gamma"),
                        format!("{gamma} is not a positive number"),
                    ));
                }
                Ok(Schedule::Step {
                    step_size: self.at_least(&format!("{key}.step_size"), step_size, 1)?,
                    gamma,
                })
            }
            other => {
                let message = format!(
                    "`{other}` is not a schedule; allowed: \"step\", \"cosine-annealing\", \"cosine\", \"constant\""
                );
                Err(self.0.error(&format!("{key}.name"), message))
            }
        }
    }

    fn learning_rates(
        &self,
        key: &str,
        rates: Option<Vec<f64>>,
        defaults: &[f64],
    ) -> Checked<Vec<f64>> {
        let Some(rates) = rates else {
            return Ok(defaults.to_vec());
        };
        if rates.is_empty() {
            return Err(self
                .0
                .error(key, "the grid is empty; give at least one learning rate"));
        }
        for (index, &rate) in rates.iter().enumerate() {
            self.learning_rate(key, rate)?;
            if rates[..index].contains(&rate) {
                return Err(self
                    .0
                    .error(key, format!("{rate} stands in the grid twice")));
            }
        }
        Ok(rates)
    }
}
