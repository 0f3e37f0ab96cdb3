//! Reading models from configurations, and what documentation lists.

use ddrank_models::{Family, ModelSpec, Pooling, Source, Width, models};

use crate::support::spec;

#[test]
fn specs_read_with_defaults_and_refuse_stray_keys() {
    let read = serde_json::from_str::<ModelSpec>;
    assert_eq!(
        read(r#"{"name":"ConvNet-3"}"#).unwrap(),
        spec("ConvNet-3", 128)
    );
    for (text, source) in [
        (r#"{"name":"ResNet-18"}"#, Source::Ddranking),
        (
            r#"{"name":"ResNet-18","source":"torchvision"}"#,
            Source::Torchvision,
        ),
        (r#"{"name":"resnet18"}"#, Source::Torchvision),
        (r#"{"name":"swin_t"}"#, Source::Torchvision),
    ] {
        let spec = read(text).unwrap();
        assert_eq!(spec.source, source, "{text}");
        let written = serde_json::to_string(&spec).unwrap();
        assert_eq!(serde_json::from_str::<ModelSpec>(&written).unwrap(), spec);
    }
    let full =
        read(r#"{"name":"ConvNet-4-GN","width":64,"activation":"leaky-relu","pooling":"max"}"#)
            .unwrap();
    assert_eq!((full.width, full.pooling), (Width::new(64), Pooling::Max));
    let written = serde_json::to_string(&full).unwrap();
    assert_eq!(read(&written).unwrap(), full);
    for (text, part) in [
        (r#"{"name":"ConvNet-3","widht":64}"#, "widht"),
        (r#"{"name":"ConvNet-3","pooling":"median"}"#, "median"),
        (r#"{"name":"ConvNet-9"}"#, "1, 2, 3, 4, 5, 6"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn a_model_says_what_it_is() {
    for (text, line) in [
        (
            r#"{"name":"ConvNet-3-BN","width":64}"#,
            "ConvNet-3-BN, width 64",
        ),
        (r#"{"name":"ResNet-18"}"#, "ResNet-18, as in ddranking"),
        (r#"{"name":"resnet18"}"#, "resnet18, as in torchvision"),
    ] {
        let spec: ModelSpec = serde_json::from_str(text).unwrap();
        assert_eq!(spec.to_string(), line);
    }
}

#[test]
fn words_are_those_that_serde_writes() {
    fn check<T: serde::Serialize + std::fmt::Display>(values: &[T]) {
        for value in values {
            assert_eq!(serde_json::to_value(value).unwrap(), value.to_string());
        }
    }
    check(&Source::ALL);
    check(&ddrank_models::Activation::ALL);
    check(&Pooling::ALL);
    let listed = ModelSpec::options();
    let defaults: Vec<_> = listed
        .iter()
        .map(|option| (option.key, option.default.as_str()))
        .collect();
    assert_eq!(
        defaults,
        [
            ("source", "by the name"),
            ("width", "128"),
            ("activation", "relu"),
            ("pooling", "average")
        ]
    );
}

/// A list for readers promises only names that exist: every depth and normalisation parses, for every family and source.
#[test]
fn every_listed_name_is_a_model() {
    let all = models();
    for family in Family::ALL {
        let sources: Vec<_> = all
            .iter()
            .filter(|model| model.family == family)
            .map(|model| model.source)
            .collect();
        assert_eq!(sources, family.sources(), "{family}");
    }
    for model in &all {
        let stems = match model.depths {
            [] => vec![model.family.to_string()],
            depths => depths
                .iter()
                .map(|depth| format!("{}-{depth}", model.family))
                .collect(),
        };
        for stem in stems {
            let parsed: ddrank_models::ModelName = stem.parse().unwrap();
            assert_eq!(parsed.normalisation(), model.normalisations[0], "{stem}");
            for norm in model.normalisations {
                let parsed: ddrank_models::ModelName = format!("{stem}-{norm}").parse().unwrap();
                assert_eq!(parsed.normalisation(), *norm);
                assert!(parsed.sources().contains(&model.source));
            }
        }
        for own in &model.own_names {
            let parsed: ddrank_models::ModelName = own.parse().unwrap();
            assert_eq!(
                (parsed.family(), parsed.sources()),
                (model.family, [model.source].as_slice()),
                "{own}"
            );
        }
    }
    let grammar = |family| {
        let mut found = all.iter().filter(|model| model.family == family);
        found.next().unwrap().grammar.clone()
    };
    assert_eq!(grammar(Family::Vgg), "VGG-<depth>[-IN|-BN]");
    assert_eq!(grammar(Family::LeNet), "LeNet");
    assert_eq!(grammar(Family::Swin), "swin_t");
}
