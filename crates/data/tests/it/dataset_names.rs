//! The table of datasets.

use ddrank_data::{DatasetName, Normalisation};

#[test]
fn names_are_read_as_they_are_written() {
    for name in DatasetName::ALL {
        assert_eq!(name.as_str().parse(), Ok(name));
        let json = serde_json::to_string(&name).unwrap();
        assert_eq!(json, format!("\"{name}\""));
        assert_eq!(serde_json::from_str::<DatasetName>(&json).unwrap(), name);
        assert!(!name.title().is_empty());
    }
    let error = "cifar".parse::<DatasetName>().unwrap_err().to_string();
    assert_eq!(
        error,
        "unknown dataset `cifar`: expected one of demo, cifar10, cifar100, tiny-imagenet, imagenet1k, imagenette, \
         imagewoof, imagemeow, imagesquawk, imagefruit, imageyellow, folder"
    );
}

#[test]
fn only_the_demo_dataset_has_no_files() {
    for name in DatasetName::ALL {
        assert_eq!(name.has_files(), name != DatasetName::Demo, "{name}");
    }
}

#[test]
fn statistics_are_those_of_the_reference() {
    for name in DatasetName::ALL {
        let expected = match name {
            DatasetName::Demo => continue,
            DatasetName::Cifar10 | DatasetName::Cifar100 => Normalisation::cifar10(),
            _ => Normalisation::imagenet(),
        };
        assert_eq!(name.normalisation(), expected, "{name}");
    }
}
