//! ImageNet-1K and its six subsets from class folders.

use std::fs;
use std::path::Path;

use ddrank_data::{
    DataError, DatasetName, DatasetSource, Normalisation, RealDataset, load_dataset, open_dataset,
};
use image::{Rgb, RgbImage};
use tempfile::TempDir;

/// Positions as the literature lists them (MTT, Cazenave et al. 2022), in sorted WordNet-id order.
const SUBSETS: [(DatasetName, [usize; 10]); 6] = [
    (
        DatasetName::Imagenette,
        [0, 217, 482, 491, 497, 566, 569, 571, 574, 701],
    ),
    (
        DatasetName::Imagewoof,
        [193, 182, 258, 162, 155, 167, 159, 273, 207, 229],
    ),
    (
        DatasetName::Imagemeow,
        [281, 282, 283, 284, 285, 291, 292, 290, 289, 287],
    ),
    (
        DatasetName::Imagesquawk,
        [84, 130, 88, 144, 145, 22, 96, 9, 100, 89],
    ),
    (
        DatasetName::Imagefruit,
        [953, 954, 949, 950, 951, 957, 952, 945, 943, 948],
    ),
    (
        DatasetName::Imageyellow,
        [309, 986, 954, 951, 987, 779, 599, 291, 72, 11],
    ),
];

/// A picture that tells the number of its folder.
fn picture(path: &Path, number: usize) {
    let colour = Rgb([(number / 256) as u8, (number % 256) as u8, 7]);
    RgbImage::from_pixel(3, 2, colour).save(path).unwrap();
}

/// One training and one test picture in each of these folders.
fn folders<'a>(names: impl IntoIterator<Item = (&'a str, usize)>) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (name, number) in names {
        for split in ["train", "val"] {
            let folder = root.path().join(split).join(name);
            fs::create_dir_all(&folder).unwrap();
            picture(&folder.join("0.png"), number);
        }
    }
    root
}

fn thousand(name: impl Fn(usize) -> String) -> TempDir {
    let names: Vec<String> = (0..1000).map(name).collect();
    folders(names.iter().map(String::as_str).zip(0..))
}

fn source(name: DatasetName, root: &Path) -> DatasetSource {
    DatasetSource {
        root: Some(root.to_owned()),
        size: Some((2, 3)),
        ..DatasetSource::new(name)
    }
}

fn load(name: DatasetName, root: &Path) -> Result<RealDataset, DataError> {
    load_dataset(&source(name, root))
}

/// The folder number of each image, by label.
fn numbers(dataset: &RealDataset, test: bool) -> Vec<usize> {
    let images = if test { &dataset.test } else { &dataset.train };
    let bytes = images.bytes().unwrap();
    let mut found = vec![usize::MAX; images.classes()];
    for (image, &label) in bytes.chunks(18).zip(images.labels()) {
        found[label as usize] = usize::from(image[0]) * 256 + usize::from(image[6]);
    }
    found
}

#[test]
fn subsets_are_positions_among_a_thousand_folders() {
    let root = thousand(|number| format!("{number:04}"));
    for (name, positions) in SUBSETS {
        let dataset = load(name, root.path()).unwrap();
        assert_eq!(numbers(&dataset, false), positions, "{name}");
        assert_eq!(numbers(&dataset, true), positions, "{name}");
        assert_eq!(dataset.class_names[3], format!("{:04}", positions[3]));
        assert_eq!(dataset.normalisation, Normalisation::imagenet());
    }
    let all = load(DatasetName::Imagenet1k, root.path()).unwrap();
    assert_eq!(numbers(&all, true), (0..1000).collect::<Vec<_>>());
    // Nothing but headers is needed to open it, and limits take one picture of each class.
    let mut limited = source(DatasetName::Imagenet1k, root.path());
    limited.size = None;
    limited.train_limit = Some(20);
    let opened = open_dataset(&limited).unwrap();
    assert_eq!(opened.geometry.size(), [224, 224]);
    assert_eq!((opened.train.len(), opened.test.len()), (20, 1000));
    assert_eq!(opened.train.labels(), (0..20).collect::<Vec<_>>());
    assert!(!opened.train.is_in_memory());
    let shape = opened.load().unwrap().train.shape().to_string();
    assert_eq!(shape, "3x224x224");
}

#[test]
fn ten_folders_of_wordnet_ids_are_enough_and_others_are_passed_over() {
    // The labels of the list: terrier, terrier, samoyed, beagle ..., which is not the order of the ids.
    let ids = [
        "n02096294",
        "n02093754",
        "n02111889",
        "n02088364",
        "n02086240",
        "n02089973",
        "n02087394",
        "n02115641",
        "n02099601",
        "n02105641",
    ];
    let root = folders(ids.into_iter().zip(0..).chain([("n02123045", 99)]));
    let dataset = load(DatasetName::Imagewoof, root.path()).unwrap();
    assert_eq!(dataset.class_names, ids);
    for test in [false, true] {
        assert_eq!(numbers(&dataset, test), (0..10).collect::<Vec<_>>());
    }
    let mut own = source(DatasetName::Imagewoof, root.path());
    own.size = None;
    assert_eq!(
        load_dataset(&own).unwrap().test.shape().to_string(),
        "3x128x128"
    );

    let error = load(DatasetName::Imagemeow, root.path())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("no class folders n02123159, n02123394")
            && error.contains("named by WordNet ids")
            && error.contains("(11 are there)"),
        "{error}"
    );
    fs::remove_dir_all(root.path().join("val/n02099601")).unwrap();
    let error = load(DatasetName::Imagewoof, root.path())
        .unwrap_err()
        .to_string();
    assert!(error.contains("no class folder `n02099601`"), "{error}");
    fs::create_dir(root.path().join("val/n02099601")).unwrap();
    let error = load(DatasetName::Imagewoof, root.path())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("n02099601: a class without pictures"),
        "{error}"
    );
}

#[test]
fn numbers_are_positions_and_other_numbers_in_two_orders_or_counts_are_refused() {
    let root = thousand(|number| (number + 1).to_string());
    let error = load(DatasetName::Imagenette, root.path())
        .unwrap_err()
        .to_string();
    assert!(error.contains("leading zeros"), "{error}");
    let root = thousand(|number| number.to_string());
    let dataset = load(DatasetName::Imagenette, root.path()).unwrap();
    assert_eq!(dataset.class_names[..3], ["0", "217", "482"]);
    fs::remove_dir_all(root.path().join("train/7")).unwrap();
    let error = load(DatasetName::Imagenet1k, root.path())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("999 class folders: expected the 1000 of imagenet1k"),
        "{error}"
    );
}

#[test]
fn unsorted_validation_pictures_are_an_error() {
    let root = thousand(|number| format!("c{number:03}"));
    fs::remove_dir_all(root.path().join("val")).unwrap();
    let error = load(DatasetName::Imagenet1k, root.path())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("expected train/<class>/ and val/<class>/"),
        "{error}"
    );
    fs::create_dir(root.path().join("val")).unwrap();
    picture(&root.path().join("val/ILSVRC2012_val_00000001.png"), 1);
    // ImageNet's own test pictures have no labels.
    fs::create_dir_all(root.path().join("test/c000")).unwrap();
    let error = load(DatasetName::Imagenet1k, root.path())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("val: pictures, but no class folders: expected one folder per class"),
        "{error}"
    );
}
