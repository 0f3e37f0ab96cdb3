//! How a configuration writes optimizers and schedules.

use ddrank_keys::{Ingredient, KeyError, Value};
use ddrank_optim::{Optimizer, Schedule};

fn read<T: Value>(text: &str) -> Result<T, KeyError> {
    let mut table: toml::Table = toml::from_str(&format!("value = {text}")).unwrap();
    T::read(table.remove("value").unwrap())
}

/// The serialised form is what trial keys hash and what a file holds.
#[test]
fn what_is_written_is_read_again_with_the_documented_defaults() {
    for choice in Optimizer::choices() {
        let named: Optimizer = read(&format!("{:?}", choice.name)).unwrap();
        assert_eq!(
            read::<Optimizer>(&named.write()),
            Ok(named),
            "{}",
            choice.name
        );
        let json = serde_json::to_value(named).unwrap();
        assert_eq!(json["name"], choice.name);
        for doc in choice.docs() {
            let default: f64 = doc.default.trim_matches('`').parse().unwrap_or(f64::NAN);
            if let Some(value) = json[doc.name].as_f64() {
                assert_eq!(value, default, "{} of {}", doc.name, choice.name);
            }
        }
    }
    for choice in Schedule::choices() {
        let text = match choice.name {
            "step" => "{ name = 'step', step_size = 3 }".to_owned(),
            name => format!("{name:?}"),
        };
        let named: Schedule = read(&text).unwrap();
        assert_eq!(read::<Schedule>(&named.write()), Ok(named));
        assert_eq!(serde_json::to_value(named).unwrap()["name"], choice.name);
    }
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    for (text, key, part) in [
        ("'sdg'", "name", "did you mean \"sgd\"?"),
        (
            "{ name = 'sgd', momentum = 1 }",
            "momentum",
            "0 up to below 1",
        ),
        ("{ name = 'sgd', momentum = nan }", "momentum", "nan"),
        (
            "{ name = 'sgd', weight_decay = -1 }",
            "weight_decay",
            "0 or a positive number",
        ),
        (
            "{ name = 'sgd', betas = [0.9, 0.9] }",
            "betas",
            "`momentum`, `weight_decay`",
        ),
        ("{ name = 'adam', betas = [0.9] }", "betas", "two numbers"),
        (
            "{ name = 'adam', betas = [0.9, 1] }",
            "betas",
            "two numbers of 0 up to below 1",
        ),
        // Rounds to 1 in single floats.
        (
            "{ name = 'adam', betas = [0.9, 0.99999999999] }",
            "betas",
            "below 1",
        ),
        ("{ name = 'adam', eps = 0 }", "eps", "1e-30 to 1"),
        ("{ name = 'adamw', eps = 'small' }", "eps", "1e-30 to 1"),
        (
            "{ name = 'adamw', momentum = 0.9 }",
            "momentum",
            "`betas`, `eps`, `weight_decay`",
        ),
        (
            "7",
            "",
            "an optimizer: a name such as \"sgd\", or a table such as",
        ),
    ] {
        let error = read::<Optimizer>(text).unwrap_err();
        assert_eq!(error.key, key, "{text}");
        assert!(error.message.contains(part), "{text}: {error}");
    }
    for (text, key, part) in [
        ("'linear'", "name", "\"cosine-annealing\""),
        ("'step'", "", "missing key `step_size`"),
        (
            "{ name = 'step', step_size = 0 }",
            "step_size",
            "at least 1",
        ),
        (
            "{ name = 'step', step_size = 1, gamma = 0 }",
            "gamma",
            "positive",
        ),
        ("{ name = 'cosine', gamma = 0.1 }", "gamma", "unknown field"),
    ] {
        let error = read::<Schedule>(text).unwrap_err();
        assert_eq!(error.key, key, "{text}");
        assert!(error.message.contains(part), "{text}: {error}");
    }
}
