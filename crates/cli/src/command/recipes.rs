//! `ddrank recipes`.

use clap::Args;
use comfy_table::{Table, presets};

use super::failure::Failure;
use super::output::{print, wrapped};
use ddrank_configuration::recipes::{self, MethodRecipe};

/// Arguments of `ddrank recipes`.
#[derive(Debug, Args)]
pub struct RecipesArguments {
    /// List only the recipes whose name or metric has every one of these words in it, such as `cifar10 ipc10`
    filter: Vec<String>,

    /// Print this recipe as TOML
    #[arg(long, value_name = "NAME", conflicts_with = "filter")]
    show: Option<String>,
}

impl RecipesArguments {
    pub(super) fn run(&self) -> Result<(), Failure> {
        match &self.show {
            Some(name) => print(recipes::find(name).map_err(Failure::request)?.toml()),
            None => self.list(),
        }
    }

    fn list(&self) -> Result<(), Failure> {
        let words: Vec<String> = self.filter.iter().map(|word| word.to_lowercase()).collect();
        let fits = |recipe: &&MethodRecipe| {
            let text = format!("{} {}", recipe.name(), recipe.metric());
            words.iter().all(|word| text.contains(word.as_str()))
        };
        let found: Vec<&MethodRecipe> = recipes::all().iter().filter(fits).collect();
        if found.is_empty() {
            let text = self.filter.join(" ");
            return Err(Failure::request(match recipes::find(&text) {
                Err(error) if error.suggestion.is_some() => anyhow::Error::new(error),
                _ => anyhow::anyhow!(
                    "no recipe has {}{text:?} in its name; a name is METHOD/DATASET-ipcN, such as {}",
                    if self.filter.len() > 1 {
                        "all words of "
                    } else {
                        ""
                    },
                    recipes::all()[0].name()
                ),
            }));
        }
        let mut text = if found.len() > IN_FULL {
            table(&found)
        } else {
            found.iter().map(|recipe| block(recipe)).collect()
        };
        let count = match found.len() {
            1 => "1 recipe".to_owned(),
            many => format!("{many} recipes"),
        };
        text.push_str(&format!(
            "\n{count}. Only the paths that are \"to give\" are open:\n`ddrank score --recipe NAME --set KEY=PATH ...`; `ddrank recipes --show NAME`\nprints one as a configuration, `ddrank recipes WORD ...` tells more of fewer.\n"
        ));
        print(&text)
    }
}

/// The most recipes that are told of in full; more are a table.
const IN_FULL: usize = 12;

/// All that is to be said of a recipe but its name.
fn sentence(recipe: &MethodRecipe) -> String {
    format!(
        "{}, {}, {} epochs; labels: {}; augmentation: {}",
        recipe.metric(),
        recipe.agent(),
        recipe.epochs(),
        recipe.labels(),
        recipe.augmentation()
    )
}

/// A recipe in full.
fn block(recipe: &MethodRecipe) -> String {
    format!(
        "{}\n{}{}",
        recipe.name(),
        wrapped(&sentence(recipe), 2),
        wrapped(&format!("to give: {}", to_give(recipe)), 2)
    )
}

/// Many recipes, a line each that fits 80 columns.
fn table(recipes: &[&MethodRecipe]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["recipe", "metric", "agent", "epochs"]);
    for recipe in recipes {
        table.add_row([
            recipe.name().to_owned(),
            recipe.metric().to_owned(),
            recipe.agent(),
            recipe.epochs().to_string(),
        ]);
    }
    format!("{table}\n")
}

/// The keys that are left to give, the checkpoints of several teachers as one.
fn to_give(recipe: &MethodRecipe) -> String {
    let keys = recipe.missing_paths();
    let (weights, mut shown): (Vec<String>, Vec<String>) =
        keys.into_iter().partition(|key| key.ends_with(".weights"));
    match weights.as_slice() {
        [] => {}
        [one] => shown.push(one.clone()),
        many => shown.push(format!("labels.teachers.0..{}.weights", many.len() - 1)),
    }
    shown.join(", ")
}
