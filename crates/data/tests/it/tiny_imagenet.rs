//! TinyImageNet: the archive's layout and class folders.

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::sync::OnceLock;

use ddrank_data::{DataError, DatasetName, DatasetSource, RealDataset, load_dataset};
use image::{Rgb, RgbImage};
use tempfile::TempDir;

fn class(number: usize) -> String {
    format!("n{:08}", 1_000_000 + 7 * number)
}

fn picture(path: &Path, number: usize) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, &encoded()[number]).unwrap();
}

/// A picture that tells its class, for each class.
fn encoded() -> &'static [Vec<u8>] {
    static ENCODED: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    ENCODED.get_or_init(|| {
        let one = |number: usize| {
            let picture = RgbImage::from_pixel(2, 2, Rgb([number as u8, 1, 2]));
            let mut bytes = Cursor::new(Vec::new());
            picture
                .write_to(&mut bytes, image::ImageFormat::Png)
                .unwrap();
            bytes.into_inner()
        };
        (0..200).map(one).collect()
    })
}

/// Two training pictures a class as the archive has them.
fn train(root: &Path) {
    for number in 0..200 {
        let (class, folder) = (class(number), root.join("train").join(class(number)));
        for index in 0..2 {
            let file = format!("images/{class}_{index}.JPEG");
            picture(&folder.join(file), number);
        }
        fs::write(
            folder.join(format!("{class}_boxes.txt")),
            "0.JPEG\t0\t0\t62\t62\n",
        )
        .unwrap();
    }
}

/// The class of each test picture `val_<k>.JPEG`: not in order.
fn class_of(picture: usize) -> usize {
    picture * 57 % 200
}

fn archive() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    train(root.path());
    let mut annotations = String::new();
    for index in 0..400 {
        let number = class_of(index);
        picture(
            &root.path().join(format!("val/images/val_{index}.JPEG")),
            number,
        );
        annotations += &format!("val_{index}.JPEG\t{}\t0\t32\t44\t62\n", class(number));
    }
    fs::write(root.path().join("val/val_annotations.txt"), annotations).unwrap();
    // The order of this file is not that of the labels.
    let ids: Vec<_> = (0..200).rev().map(class).collect();
    fs::write(root.path().join("wnids.txt"), ids.join("\n")).unwrap();
    // Test pictures without labels.
    picture(&root.path().join("test/images/test_0.JPEG"), 0);
    root
}

/// The same pictures sorted into class folders, with what the sorting leaves behind.
fn sorted(inner: &str) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    train(root.path());
    for index in 0..400 {
        let number = class_of(index);
        let file = format!("val/{}/{inner}val_{index}.JPEG", class(number));
        picture(&root.path().join(file), number);
    }
    fs::create_dir(root.path().join("val/images")).unwrap();
    fs::write(root.path().join("val/val_annotations.txt"), "gone\tn0\n").unwrap();
    root
}

fn load(root: &Path) -> Result<RealDataset, DataError> {
    load_dataset(&DatasetSource {
        root: Some(root.to_owned()),
        size: Some((2, 2)),
        ..DatasetSource::new(DatasetName::TinyImagenet)
    })
}

#[test]
fn both_layouts_are_the_same_dataset() {
    let archive = archive();
    let dataset = load(archive.path()).unwrap();
    assert_eq!(dataset.class_names, (0..200).map(class).collect::<Vec<_>>());
    for images in [&dataset.train, &dataset.test] {
        assert_eq!(images.class_counts(), [2; 200]);
        let bytes = images.bytes().unwrap();
        for (image, &label) in bytes.chunks(12).zip(images.labels()) {
            assert_eq!(u32::from(image[0]), label);
        }
    }
    for inner in ["", "images/"] {
        let other = load(sorted(inner).path()).unwrap();
        assert_eq!(other.class_names, dataset.class_names);
        assert_eq!(other.train.fingerprint(), dataset.train.fingerprint());
        assert_eq!(other.test.fingerprint(), dataset.test.fingerprint());
    }
    let own = load_dataset(&DatasetSource {
        root: Some(archive.path().to_owned()),
        test_limit: Some(3),
        train_limit: Some(1),
        ..DatasetSource::new(DatasetName::TinyImagenet)
    });
    let own = own.unwrap();
    assert_eq!(own.test.shape().to_string(), "3x64x64");
    assert_eq!(own.test.labels(), [0, 1, 2]);
}

/// The error after a change of the archive.
fn refused(change: impl FnOnce(&Path)) -> String {
    let root = archive();
    change(root.path());
    load(root.path()).unwrap_err().to_string()
}

/// The error after a change of the annotations.
fn misannotated(change: impl FnOnce(String) -> String) -> String {
    refused(|root| {
        let path = root.join("val/val_annotations.txt");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, change(text)).unwrap();
    })
}

#[test]
fn wrong_annotations_name_file_and_line() {
    let cases = [
        (
            misannotated(|text| {
                text.replacen(
                    &format!("\t{}\t0\t32\t44\t62\nval_3.", class(class_of(2))),
                    "\nval_3.",
                    1,
                )
            }),
            "line 3: `val_2.JPEG`: expected a file name and a class",
        ),
        (
            misannotated(|text| text.replacen("val_0.JPEG\tn0100", "val_0.JPEG\tn0999", 1)),
            "line 1: `n0999",
        ),
        (
            misannotated(|text| text.replace("val_7.JPEG", "val_6.JPEG")),
            "line 8: `val_6.JPEG` has a line already, line 7",
        ),
        (
            misannotated(|text| format!("{text}\nval_999.JPEG\t{}\t0\t0\t1\t1\n", class(3))),
            "line 402: no picture",
        ),
        (
            misannotated(|text| {
                text.lines()
                    .skip(1)
                    .map(|line| format!("{line}\r\n"))
                    .collect()
            }),
            "no line for the picture",
        ),
    ];
    for (error, expected) in cases {
        assert!(
            error.contains("val_annotations.txt: ") && error.contains(expected),
            "{error}"
        );
    }
    let error = refused(|root| fs::remove_file(root.join("val/val_annotations.txt")).unwrap());
    assert!(error.contains("cannot read"), "{error}");
    let error = refused(|root| fs::remove_dir_all(root.join("val/images")).unwrap());
    assert!(error.contains("no pictures in images/"), "{error}");
    let only = misannotated(|text| text.replace(&class(0), &class(1)));
    assert!(
        only.contains(&format!("no picture of the class `{}`", class(0))),
        "{only}"
    );
}

#[test]
fn wrong_class_lists_are_refused() {
    let missing = refused(|root| fs::remove_dir_all(root.join("train").join(class(5))).unwrap());
    assert!(
        missing.contains("199 class folders: expected the 200 of tiny-imagenet"),
        "{missing}"
    );
    let other = refused(|root| {
        let ids: Vec<_> = (1..200).map(class).chain(["n00000000".into()]).collect();
        fs::write(root.join("wnids.txt"), ids.join("\n")).unwrap();
    });
    assert!(
        other.contains("wnids.txt: line 200: `n00000000` has no folder"),
        "{other}"
    );
    let short = refused(|root| {
        let ids: Vec<_> = (1..200).map(class).collect();
        fs::write(root.join("wnids.txt"), ids.join("\n")).unwrap();
    });
    assert!(
        short.contains(&format!("wnids.txt: no line for `{}`", class(0))),
        "{short}"
    );
    let empty = refused(|root| {
        let folder = root.join("train").join(class(9)).join("images");
        fs::remove_dir_all(&folder).unwrap();
    });
    assert!(empty.contains("a class without pictures"), "{empty}");
}
