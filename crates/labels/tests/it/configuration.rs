//! How configurations and people name criteria.

use burn::tensor::{Device, Tensor};
use ddrank_keys::{Choice, Ingredient, Value};
use ddrank_labels::{Criterion, MseGt, Softening, Targets};
use serde::Deserialize;

fn read(text: &str) -> Result<Criterion, String> {
    #[derive(Deserialize)]
    struct File {
        criterion: Criterion,
    }
    toml::from_str::<File>(text)
        .map(|file| file.criterion)
        .map_err(|error| error.message().to_owned())
}

#[test]
fn names_and_options_are_read() {
    let softening = |temperature, scale_loss| Softening::new(temperature, scale_loss).unwrap();
    for (text, expected) in [
        (r#"{ name = "cross-entropy" }"#, Criterion::CrossEntropy),
        (
            r#"{ name = "sce" }"#,
            Criterion::SoftCrossEntropy(softening(1.2, false)),
        ),
        (
            r#"{ name = "sce", temperature = 4, scale_loss = true }"#,
            Criterion::SoftCrossEntropy(softening(4.0, true)),
        ),
        (
            r#"{ temperature = 20.0, name = "kl" }"#,
            Criterion::KlDivergence(softening(20.0, false)),
        ),
        (
            r#"{ name = "mse-gt" }"#,
            Criterion::MseGt(MseGt::new(1.0, 0.0).unwrap()),
        ),
        (r#""kl""#, Criterion::KlDivergence(softening(1.2, false))),
        (
            r#""mse_gt""#,
            Criterion::MseGt(MseGt::new(1.0, 0.0).unwrap()),
        ),
        (
            r#"{ name = "mse_gt", mse_weight = 0.5, ce_weight = 0.025 }"#,
            Criterion::MseGt(MseGt::new(0.5, 0.025).unwrap()),
        ),
    ] {
        assert_eq!(read(&format!("criterion = {text}")), Ok(expected), "{text}");
    }
}

#[test]
fn what_is_wrong_is_named_with_what_is_allowed() {
    for (text, parts) in [
        (r#"{ name = "mse" }"#, &["`mse`", "sce", "kl", "mse-gt"][..]),
        (r#"{ temperature = 1.0 }"#, &["missing key `name`"]),
        (
            r#"{ name = "sce", temp = 1.0 }"#,
            &["`temp`", "`temperature`", "`scale_loss`"],
        ),
        (
            r#"{ name = "kl", ce_weight = 1.0 }"#,
            &["`ce_weight`", "`temperature`", "`scale_loss`"],
        ),
        (
            r#"{ name = "mse-gt", temperature = 1.0 }"#,
            &["`temperature`", "`mse_weight`", "`ce_weight`"],
        ),
        (
            r#"{ name = "cross-entropy", temperature = 1.0 }"#,
            &["unknown field `temperature`", "`name`"],
        ),
        (
            r#"{ name = "sce", temperature = 0 }"#,
            &["`temperature`", "0", "above 0"],
        ),
        (
            r#"{ name = "sce", temperature = -1.5 }"#,
            &["`temperature`", "-1.5", "above 0"],
        ),
        (
            r#"{ name = "kl", temperature = nan }"#,
            &["`temperature`", "nan", "above 0"],
        ),
        (
            r#"{ name = "kl", temperature = "hot" }"#,
            &["`temperature`", "\"hot\" is not allowed"],
        ),
        (
            r#"{ name = "mse-gt", mse_weight = inf }"#,
            &["`mse_weight`", "inf"],
        ),
        (
            r#"{ name = "mse-gt", ce_weight = -1.0 }"#,
            &["`ce_weight`", "-1"],
        ),
        (
            r#"{ name = "mse-gt", mse_weight = 0.0 }"#,
            &["`mse_weight`", "`ce_weight`", "both 0"],
        ),
    ] {
        let message = read(&format!("criterion = {text}")).unwrap_err();
        for part in parts {
            assert!(message.contains(part), "{text}: {part} is not in {message}");
        }
    }
}

/// Trial keys hash this form.
#[test]
fn a_criterion_is_written_as_it_is_read() {
    for (criterion, expected) in [
        (Criterion::CrossEntropy, r#"{"name":"cross-entropy"}"#),
        (
            Criterion::KlDivergence(Softening::default()),
            r#"{"name":"kl","temperature":1.2,"scale_loss":false}"#,
        ),
        (
            Criterion::MseGt(MseGt::default()),
            r#"{"name":"mse-gt","mse_weight":1.0,"ce_weight":0.0}"#,
        ),
    ] {
        let written = serde_json::to_string(&criterion).unwrap();
        assert_eq!(written, expected);
        assert_eq!(
            serde_json::from_str::<Criterion>(&written).unwrap(),
            criterion
        );
    }
}

#[test]
fn words_for_people_hold_the_options() {
    let scaled = Softening::new(4.0, true).unwrap();
    assert_eq!(
        Criterion::SoftCrossEntropy(scaled).to_string(),
        "soft cross-entropy, temperature 4, loss times temperature squared"
    );
    assert_eq!(
        Criterion::MseGt(MseGt::new(1.0, 0.025).unwrap()).to_string(),
        "MSE-GT, weight 1 of the squared error, weight 0.025 of the cross-entropy"
    );
}

#[test]
#[should_panic(
    expected = "the criterion `KL divergence, temperature 1.2` needs soft targets, and these are hard"
)]
fn soft_criteria_refuse_hard_targets() {
    let device = Device::flex();
    let targets = Targets::from_classes(&[0], 3, &device).unwrap();
    let _ = Criterion::KlDivergence(Softening::default())
        .loss(Tensor::zeros([1, 3], &device), &targets);
}

#[test]
#[should_panic(expected = "classes of logits (left) and soft targets (right) differ")]
fn numbers_of_classes_must_agree() {
    let device = Device::flex();
    let targets = Targets::from_logits(Tensor::zeros([1, 4], &device), &[0]).unwrap();
    let _ = Criterion::MseGt(MseGt::default()).loss(Tensor::zeros([1, 3], &device), &targets);
}

/// Messages list the criteria of a label mode from here.
#[test]
fn the_names_say_which_labels_a_criterion_needs() {
    assert_eq!(Criterion::hard_names(), ["cross-entropy"]);
    assert_eq!(Criterion::soft_names(), ["sce", "kl", "mse-gt"]);
    for Choice { name, .. } in Criterion::choices() {
        let criterion = Criterion::read(name.into()).unwrap();
        let names = if criterion.needs_soft_targets() {
            Criterion::soft_names()
        } else {
            Criterion::hard_names()
        };
        assert!(names.contains(&name), "{name}");
    }
}

/// The defaults of the documentation are those that reading gives.
#[test]
fn the_documented_defaults_are_read() {
    for choice in Criterion::choices() {
        let mut text = format!("criterion = {{ name = \"{}\"", choice.name);
        for doc in choice.docs() {
            text.push_str(&format!(
                ", {} = {}",
                doc.name,
                doc.default.trim_matches('`')
            ));
        }
        let bare = read(&format!("criterion = \"{}\"", choice.name)).unwrap();
        assert_eq!(read(&format!("{text} }}")), Ok(bare));
        assert_eq!(read(&format!("criterion = {}", bare.write())), Ok(bare));
    }
}
