//! Labels that the names of class folders give, and the order of pictures whose labels are in a file.

use std::path::Path;

use ddrank_data::synthetic::{
    ClassesOfSoft, DataWarning, LabelOrigin, PictureOrder, SyntheticPixels, SyntheticSource,
    load_synthetic,
};
use ddrank_data::{DatasetName, DatasetSource, ImageShape, PictureFolder, load_dataset};
use ddrank_files::{FileTensor, write_safetensors};
use image::{Rgb, RgbImage};

const SHAPE: ImageShape = ImageShape {
    channels: 3,
    height: 2,
    width: 2,
};

fn draw(path: &Path, level: usize) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    RgbImage::from_pixel(2, 2, Rgb([level as u8; 3]))
        .save(path)
        .unwrap();
}

fn source(images: &Path, classes: usize, ipc: usize) -> SyntheticSource {
    SyntheticSource::new(images, classes, ipc, SHAPE)
}

/// Each picture's level with its label.
fn labelled(source: &SyntheticSource) -> (Vec<(u8, u32)>, Vec<DataWarning>) {
    let (set, warnings) = load_synthetic(source).unwrap();
    let SyntheticPixels::Encoded(bytes) = set.pixels else {
        panic!("a folder is bytes")
    };
    let levels = bytes.chunks(SHAPE.len()).map(|image| image[0]);
    (
        levels.zip(set.labels.hard().iter().copied()).collect(),
        warnings,
    )
}

#[test]
fn the_number_of_a_folder_is_its_label() {
    for pattern in ["#", "class_#", "c-#", "cifar10_#", "#_x"] {
        let folder = tempfile::tempdir().unwrap();
        for class in 0..12 {
            let name = pattern.replace('#', &class.to_string());
            draw(&folder.path().join(name).join("0.png"), class);
        }
        let mut source = source(folder.path(), 12, 1);
        // Those of another dataset: names of classes do not decide.
        source.class_names = (0..12).map(|class| format!("animal {class}")).collect();
        let (labels, warnings) = labelled(&source);
        assert!(
            labels
                .iter()
                .all(|&(level, label)| u32::from(level) == label),
            "{labels:?}"
        );
        let [DataWarning::NumbersAreLabels { readings }] = warnings.as_slice() else {
            panic!("{warnings:?}")
        };
        assert!(
            readings.contains("has label 2 by number and 4 by text"),
            "{readings}"
        );
        assert_eq!(
            load_synthetic(&source).unwrap().0.origin,
            LabelOrigin::FolderNumbers
        );
        // Rows are written in the order of the text, under the same labels.
        let pictures = PictureFolder::open(folder.path(), None).unwrap();
        let loaded = pictures.load(&(0..12).collect::<Vec<_>>()).unwrap();
        let levels = loaded
            .bytes()
            .unwrap()
            .chunks(SHAPE.len())
            .map(|image| u32::from(image[0]));
        assert!(levels.eq(pictures.labels().iter().copied()));
        assert_eq!(pictures.classes()[2], pattern.replace('#', "2"));
    }
}

#[test]
fn other_names_are_said_or_refused() {
    let of = |names: &[&str], class_names: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            draw(&folder.path().join(name).join("0.png"), 1);
        }
        let mut source = source(folder.path(), names.len(), 1);
        source.class_names = class_names.iter().map(|&name| name.to_owned()).collect();
        load_synthetic(&source).map(|(set, warnings)| (set.origin, warnings))
    };
    let refused = of(&["1", "2", "10"], &["a", "b", "c"])
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("`2` has label 1 by number and 2 by text"),
        "{refused}"
    );
    assert!(refused.contains("leading zeros"), "{refused}");
    let (origin, warnings) = of(&["plane", "bird"], &["airplane", "bird2"]).unwrap();
    assert_eq!(origin, LabelOrigin::FolderPlaces);
    let said = warnings[0].to_string();
    assert!(
        said.contains("`bird` is `airplane`, `plane` is `bird2`"),
        "{said}"
    );
    let (_, warnings) = of(&["1", "2"], &["airplane", "bird"]).unwrap();
    assert!(
        warnings[0].to_string().contains("`1` is `airplane`"),
        "{warnings:?}"
    );
    assert_eq!(
        of(&["0", "1"], &["a", "b"]).unwrap(),
        (LabelOrigin::FolderNumbers, vec![])
    );
    let named = of(&["10", "2", "1"], &["1", "2", "10"]).unwrap();
    assert_eq!(named, (LabelOrigin::FolderNames, vec![]));
}

#[test]
fn real_folders_are_labelled_by_their_numbers_too() {
    let root = tempfile::tempdir().unwrap();
    for class in 0..11 {
        for split in ["train", "test"] {
            draw(
                &root.path().join(format!("{split}/class {class}/x.png")),
                class,
            );
        }
    }
    let dataset = load_dataset(&DatasetSource {
        root: Some(root.path().to_owned()),
        ..DatasetSource::new(DatasetName::Folder)
    })
    .unwrap();
    for images in [&dataset.train, &dataset.test] {
        let levels = images
            .bytes()
            .unwrap()
            .chunks(12)
            .map(|image| u32::from(image[0]));
        assert!(levels.eq(images.labels().iter().copied()));
    }
    assert_eq!(dataset.class_names[10], "class 10");
}

/// Two classes of eleven pictures whose orders as text and as numbers differ.
fn pictures() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (class, name) in ["a", "b"].iter().enumerate() {
        for picture in 0..11 {
            let level = 100 * class + picture;
            draw(
                &folder.path().join(format!("set/{name}/{picture}.png")),
                level,
            );
        }
    }
    folder
}

#[test]
fn labels_of_pictures_in_two_orders_ask_which_one() {
    let folder = pictures();
    let mut source = source(&folder.path().join("set"), 2, 11);
    let path = folder.path().join("labels.safetensors");
    source.labels = Some(path.clone());
    // A row says which picture it is for, in the order of the numbers.
    let rows: Vec<f32> = (0..2_u8)
        .flat_map(|class| (0..11_u8).flat_map(move |n| [f32::from(100 * class + n), -1.0]))
        .collect();
    let rows = FileTensor::from_f32("labels", vec![22, 2], &rows).unwrap();
    write_safetensors(&path, &[rows]).unwrap();
    source.classes_of_soft = ClassesOfSoft::Images;
    let refused = load_synthetic(&source).unwrap_err().to_string();
    for part in [
        "Label 2 (from 0)",
        "`a/10.png`",
        "`a/2.png`",
        "`picture_order`",
        "\"numbers\"",
    ] {
        assert!(refused.contains(part), "{part} is not in: {refused}");
    }
    source.picture_order = Some(PictureOrder::Numbers);
    let (set, _) = load_synthetic(&source).unwrap();
    let (
        SyntheticPixels::Encoded(bytes),
        ddrank_data::synthetic::SyntheticLabels::Soft { rows, hard },
    ) = (set.pixels, set.labels)
    else {
        panic!("pictures with rows")
    };
    for (image, (row, class)) in bytes.chunks(12).zip(rows.chunks(2).zip(hard)) {
        assert_eq!(
            (f32::from(image[0]), u32::from(image[0] / 100)),
            (row[0], class)
        );
    }
    source.picture_order = Some(PictureOrder::Text);
    let (set, _) = load_synthetic(&source).unwrap();
    let ddrank_data::synthetic::SyntheticLabels::Soft { rows, .. } = set.labels else {
        panic!("rows")
    };
    let firsts: Vec<f32> = rows.chunks(2).take(3).map(|row| row[0]).collect();
    assert_eq!(firsts, [0.0, 1.0, 2.0], "as they come");

    // Classes are the same in every order of the pictures of a class.
    let classes: Vec<i64> = (0..22).map(|n| n / 11).collect();
    let classes = FileTensor::from_i64("labels", vec![22], &classes).unwrap();
    write_safetensors(&path, &[classes]).unwrap();
    source.picture_order = None;
    let (labels, warnings) = labelled(&source);
    assert!(
        labels
            .iter()
            .all(|&(level, label)| u32::from(level / 100) == label)
    );
    assert_eq!(warnings, []);
    // Labels that are not those of the folders are said.
    let classes: Vec<i64> = (0..22).map(|n| 1 - n / 11).collect();
    let classes = FileTensor::from_i64("labels", vec![22], &classes).unwrap();
    write_safetensors(&path, &[classes]).unwrap();
    let (_, warnings) = labelled(&source);
    assert_eq!(
        warnings,
        [DataWarning::OtherThanFolders { images: 22, of: 22 }]
    );
}

#[test]
fn classes_out_of_the_order_of_their_names_pair_with_their_own_labels() {
    // The dataset's labels are not in the order of the names, as those of ImageNet's subsets.
    let folder = tempfile::tempdir().unwrap();
    draw(&folder.path().join("set/a/x.png"), 1);
    draw(&folder.path().join("set/b/x.png"), 0);
    let path = folder.path().join("labels.safetensors");
    let mut source = source(&folder.path().join("set"), 2, 1);
    source.class_names = ["b", "a"].map(str::to_owned).to_vec();
    source.labels = Some(path.clone());
    for (labels, order) in [([1, 0], "text"), ([0, 1], "labels")] {
        let labels = FileTensor::from_i64("labels", vec![2], &labels).unwrap();
        write_safetensors(&path, &[labels]).unwrap();
        let (found, warnings) = labelled(&source);
        assert_eq!((found, warnings), (vec![(0, 0), (1, 1)], vec![]), "{order}");
    }
    source.classes_of_soft = ClassesOfSoft::Images;
    let rows = FileTensor::from_f32("labels", vec![2, 2], &[5.0, 1.0, 0.0, 9.0]).unwrap();
    write_safetensors(&path, &[rows]).unwrap();
    let refused = load_synthetic(&source).unwrap_err().to_string();
    assert!(
        refused.contains("`a/x.png`") && refused.contains("`b/x.png`"),
        "{refused}"
    );
}
