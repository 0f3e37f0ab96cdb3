//! The keys of all sections and what can stand in them, as people read about them: `ddrank keys` prints it, and the tables
//! of `configs/README.md` are written from it.

use ddrank_augment::Augmentation;
use ddrank_data::DatasetName;
use ddrank_keys::{Choice, Documented, Ingredient, KeyDoc, markdown};
use ddrank_labels::Criterion;
use ddrank_metrics::{ArmAugmentation, ArmLabels, Metric, Rates, Setup, Source};
use ddrank_optim::{Optimizer, Schedule};

use crate::configuration::Baseline;
use crate::labels::LabelMode;
use crate::preset::Preset;
use crate::search::Search;
use crate::selection::Selection;
use crate::{agent, dataset, labels, synthetic, teaching, training, whole_file};

/// A table of the file: its path, what it is, and its keys in the order to be shown.
#[derive(Clone, Debug)]
pub struct SectionDoc {
    /// The dotted path, empty for the file itself.
    pub path: &'static str,
    /// What it is.
    pub title: &'static str,
    /// Its keys.
    pub keys: Vec<KeyDoc>,
}

/// All sections of a configuration, in the order of a file.
#[must_use]
pub fn sections() -> Vec<SectionDoc> {
    let section = |path, title, keys: &[&dyn Documented]| SectionDoc {
        path,
        title,
        keys: keys.iter().map(|key| key.doc()).collect(),
    };
    vec![
        section("", "the file itself", whole_file::KEYS),
        section("dataset", "the real data", dataset::KEYS),
        section("synthetic", "the distilled set", synthetic::KEYS),
        section(
            "compare",
            "each further distilled set",
            synthetic::COMPARE_KEYS,
        ),
        section("agent", "the agent model", agent::KEYS),
        section(
            "training",
            "how synthetic and random arms are trained",
            training::KEYS,
        ),
        section(
            "real_training",
            "how the real arm is trained",
            training::KEYS,
        ),
        section(
            "labels",
            "what synthetic and random arms learn from",
            labels::KEYS,
        ),
        section("labels.teachers", "each teacher", agent::KEYS),
    ]
}

/// The keys of the file of `ddrank train`.
#[must_use]
pub fn teaching() -> SectionDoc {
    SectionDoc {
        path: "",
        title: "the file of `ddrank train`",
        keys: teaching::KEYS.iter().map(|key| key.doc()).collect(),
    }
}

/// What can stand under a key: the path of the key, what it is called, and the choices.
#[must_use]
pub fn choices() -> Vec<(&'static str, &'static str, Vec<Choice>)> {
    /// Words are choices without keys of their own.
    fn words<T: Copy>(
        all: &[T],
        name: fn(T) -> &'static str,
        meaning: fn(T) -> &'static str,
    ) -> Vec<Choice> {
        let choice = |&word: &T| Choice {
            name: name(word),
            meaning: meaning(word),
            keys: &[],
        };
        all.iter().map(choice).collect()
    }
    vec![
        (
            "metric",
            "metric",
            words(Metric::ALL, Metric::name, Metric::meaning),
        ),
        (
            "baselines",
            "baseline",
            words(Baseline::ALL, Baseline::name, Baseline::meaning),
        ),
        ("training.optimizer", "optimizer", Optimizer::choices()),
        ("training.schedule", "schedule", Schedule::choices()),
        (
            "training.search",
            "search",
            words(Search::ALL, Search::name, Search::meaning),
        ),
        (
            "training.selection",
            "selection",
            words(Selection::ALL, Selection::name, Selection::meaning),
        ),
        ("augmentation", "augmentation", Augmentation::choices()),
        (
            "labels.mode",
            "label mode",
            words(LabelMode::ALL, LabelMode::name, LabelMode::meaning),
        ),
        ("labels.criterion", "criterion", Criterion::choices()),
    ]
}

/// The tables of `configs/README.md` by name, as Markdown.
#[must_use]
pub fn tables() -> Vec<(String, String)> {
    let mut tables = Vec::new();
    for section in sections() {
        let name = match section.path {
            "" => "keys",
            // The same keys as a section that has its table.
            "real_training" | "labels.teachers" => continue,
            path => path,
        };
        tables.push((name.to_owned(), markdown::keys(&section.keys)));
    }
    tables.push(("train".to_owned(), markdown::keys(&teaching().keys)));
    for (path, what, choices) in choices() {
        let table = if choices.iter().all(|choice| choice.keys.is_empty()) {
            markdown::words(what, choices.iter().map(|word| (word.name, word.meaning)))
        } else {
            markdown::choices(what, &choices)
        };
        tables.push((path.to_owned(), table));
    }
    tables.push(("augmentation.keys".to_owned(), augmentation_keys()));
    tables.push(("arms".to_owned(), arms()));
    tables.push(("datasets".to_owned(), datasets()));
    tables.push(("models".to_owned(), models()));
    tables.push(("presets".to_owned(), presets()));
    tables
}

/// The text with the tables between their marks written anew; what is not marked stays.
///
/// A mark is a line `<!-- table: NAME -->`, and the table ends at the next `<!-- end -->`.
///
/// # Errors
/// A mark without an end or of a table that does not exist, or a table without a mark, as a sentence.
pub fn with_tables(text: &str) -> Result<String, String> {
    let mut tables = tables();
    let mut written = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        written.push_str(line);
        written.push('\n');
        let mark = line
            .strip_prefix("<!-- table: ")
            .and_then(|rest| rest.strip_suffix(" -->"));
        let Some(name) = mark else { continue };
        let Some(at) = tables.iter().position(|(known, _)| known == name) else {
            return Err(format!("there is no table `{name}`, or it stands twice"));
        };
        let (_, table) = tables.remove(at);
        written.push_str(&format!("\n{table}\n<!-- end -->\n"));
        if !lines.any(|line| line == "<!-- end -->") {
            return Err(format!("the table `{name}` has no end"));
        }
    }
    match tables.first() {
        Some((name, _)) => Err(format!("the table `{name}` has no mark")),
        None => Ok(written),
    }
}

/// The keys of augmentations that have many.
fn augmentation_keys() -> String {
    let mut rows = Vec::new();
    for choice in Augmentation::choices() {
        for doc in choice.docs() {
            rows.push([
                format!("`{}`", choice.name),
                format!("`{}`", doc.name),
                doc.values,
                doc.default,
                doc.meaning.to_owned(),
            ]);
        }
    }
    markdown::table(
        ["augmentation", "key", "values", "default", "meaning"],
        rows,
    )
}

/// The arms of each metric, with hard and with soft labels where that differs.
fn arms() -> String {
    let mut rows = Vec::new();
    for &metric in Metric::ALL {
        let of = |has_soft_labels| {
            metric.arms(&Setup {
                has_soft_labels,
                random: metric == Metric::Accuracy,
                ..Setup::default()
            })
        };
        let (hard, soft) = (of(false), of(true));
        let variants = if hard == soft {
            vec![(metric.name().to_owned(), hard)]
        } else {
            vec![
                (format!("{}, hard labels", metric.name()), hard),
                (format!("{}, soft labels", metric.name()), soft),
            ]
        };
        for (title, arms) in variants {
            rows.extend(arms.iter().map(|arm| row(&title, arm)));
        }
    }
    let further = Setup {
        noise: true,
        compare: vec!["NAME".to_owned()],
        ..Setup::default()
    };
    let further = Metric::Accuracy.arms(&further);
    let on_request = |arm: &&ddrank_metrics::Arm| match arm.source {
        Source::Noise | Source::Compare(_) => true,
        Source::Real | Source::Synthetic | Source::Random => false,
    };
    rows.extend(
        further
            .iter()
            .filter(on_request)
            .map(|arm| row("on request", arm)),
    );
    markdown::table(
        ["metric", "arm", "images", "labels", "augmentation", "rate"],
        rows,
    )
}

fn row(metric: &str, arm: &ddrank_metrics::Arm) -> [String; 6] {
    let images = match arm.source {
        Source::Real => "all real",
        Source::Synthetic => "distilled",
        Source::Compare(_) => "another distilled set",
        Source::Random => "random",
        Source::Noise => "noise",
    };
    let labels = match arm.labels {
        ArmLabels::Hard => "hard",
        ArmLabels::Recipe => "the recipe's",
    };
    let augmentation = match (arm.augmentation, arm.source) {
        (ArmAugmentation::None, _) => "none",
        (ArmAugmentation::Recipe, Source::Real) => "`real_training.augmentation`",
        (
            ArmAugmentation::Recipe,
            Source::Synthetic | Source::Compare(_) | Source::Random | Source::Noise,
        ) => "the recipe's",
    };
    let rate = match arm.rates {
        Rates::Grid => "grid",
        Rates::Given => "given",
    };
    [
        metric.to_owned(),
        format!("`{}`", arm.name),
        images.to_owned(),
        labels.to_owned(),
        augmentation.to_owned(),
        rate.to_owned(),
    ]
}

fn datasets() -> String {
    let rows = DatasetName::ALL.iter().map(|&name| {
        let size = name.size().map_or_else(
            || "as they are".to_owned(),
            |[height, _]| format!("{height} px"),
        );
        let classes = name
            .classes()
            .map_or_else(|| "any".to_owned(), |n| n.to_string());
        let root = name.root().unwrap_or("nothing: it is built in");
        [
            format!("`{name}`"),
            name.title().to_owned(),
            size,
            classes,
            root.to_owned(),
        ]
    });
    markdown::table(
        [
            "dataset",
            "what it is",
            "images",
            "classes",
            "what `root` holds",
        ],
        rows,
    )
}

fn models() -> String {
    let rows = ddrank_models::models().into_iter().map(|model| {
        let depths: Vec<String> = model.depths.iter().map(usize::to_string).collect();
        let own: Vec<String> = model
            .own_names
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        [
            format!("`{}`", model.grammar),
            model.source.to_string(),
            depths.join(", "),
            own.join(", "),
            model.images.to_owned(),
            model.chance.to_owned(),
            model.paper.to_string(),
        ]
    });
    markdown::table(
        [
            "model",
            "source",
            "depths",
            "also named",
            "images",
            "left out by chance in training",
            "paper",
        ],
        rows,
    )
}

fn presets() -> String {
    let rows = Preset::ALL.iter().map(|preset| {
        let of = preset.defaults();
        let rates: Vec<String> = of.learning_rates.iter().map(f64::to_string).collect();
        [
            format!("`{preset}`"),
            of.optimizer.to_string(),
            of.schedule.to_string(),
            rates.join(", "),
            of.epochs.to_string(),
            of.batch_size.to_string(),
        ]
    });
    markdown::table(
        ["preset", "optimizer", "schedule", "rate", "epochs", "batch"],
        rows,
    )
}
