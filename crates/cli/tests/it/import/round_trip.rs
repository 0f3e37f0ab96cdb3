//! A recipe as a file of DD-Ranking, imported, is the recipe.

use std::path::Path;

use ddrank_configuration::Configuration;
use ddrank_configuration::import::import_text;
use ddrank_configuration::recipes::{self, MethodRecipe};

use crate::import::{configuration, import};
use crate::published::{Facts, row::Row};

/// All that makes a score, but for the set's own learning rate, which is no key of DD-Ranking's files.
pub fn substance(configuration: &Configuration) -> String {
    let mut configuration = configuration.clone();
    configuration.name = String::new();
    configuration.text = String::new();
    configuration.synthetic.learning_rate = None;
    format!("{configuration:#?}")
}

fn comes_back(facts: &Facts, recipe: &MethodRecipe) {
    let imported = import(&facts.yaml());
    let (imported, expected) = (configuration(&imported.toml), configuration(recipe.toml()));
    assert_eq!(
        substance(&imported),
        substance(&expected),
        "{}",
        recipe.name()
    );
    let mut of_imported = Facts::of(&imported, &facts.method);
    of_imported.learning_rate = facts.learning_rate;
    assert_eq!(&of_imported, facts, "{}", recipe.name());
}

/// Every recipe of the library as a file of DD-Ranking, and back.
#[test]
fn every_recipe_comes_back_from_its_yaml() {
    for recipe in recipes::all() {
        let facts = Facts::of(&configuration(recipe.toml()), "");
        comes_back(&facts, recipe);
    }
}

/// As [`every_recipe_comes_back_from_its_yaml`], with the facts of the published files.
#[test]
fn every_published_file_becomes_its_recipe() {
    let Some(folders) = std::env::var_os("DDRANK_REFERENCE") else {
        return;
    };
    let mut rows = 0;
    for folder in std::env::split_paths(&folders) {
        let mut table = csv::Reader::from_path(folder.join("recipes.csv")).unwrap();
        let headers = table.headers().unwrap().clone();
        for record in table.records() {
            let record = record.unwrap();
            let row = Row {
                headers: &headers,
                record: &record,
            };
            let facts = Facts::of_row(&row);
            let recipe = recipes::find(&facts.recipe_name()).unwrap();
            comes_back(&facts.clone().corrected(), recipe);
            // The files as they are, errors and all, are configurations too.
            import(&facts.yaml());
            rows += 1;
        }
    }
    assert!(rows >= 90, "{rows} rows");
}

#[test]
fn json_is_read_like_yaml() {
    let facts = Facts::of(
        &configuration(recipes::find("sre2l/cifar10-ipc10").unwrap().toml()),
        "SRe2L",
    );
    let yaml = import(&facts.yaml());
    let json = r#"{
  "dataset": "CIFAR10", "ipc": 10, "im_size": [32, 32], "model_name": "ResNet-18-BN",
  "stu_use_torchvision": true, "tea_use_torchvision": true, "teacher_model_names": ["ResNet-18-BN"],
  "soft_label_mode": "M", "soft_label_criterion": "kl", "loss_fn_kwargs": {"temperature": 30.0, "scale_loss": false},
  "data_aug_func": "mixup", "aug_params": {"lambda": 0.8}, "use_zca": false,
  "custom_train_trans": [
    {"name": "RandomCrop", "args": {"size": 32, "padding": 4}},
    {"name": "RandomHorizontalFlip", "args": {"p": 0.5}},
    {"name": "ToTensor"},
    {"name": "Normalize", "args": [[0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010]]}
  ],
  "custom_val_trans": null, "optimizer": "adamw", "lr_scheduler": "cosine", "weight_decay": 1e-2, "momentum": 0.9,
  "num_eval": 5, "num_epochs": 400, "syn_batch_size": 256, "real_batch_size": 256, "eval_full_data": true,
  "use_aug_for_hard": false
}"#;
    let json = import_text(Path::new("x.json"), json, None).unwrap();
    assert_eq!(
        substance(&configuration(&json.toml)),
        substance(&configuration(&yaml.toml))
    );
}
