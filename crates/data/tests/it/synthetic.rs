//! Distilled sets: what is accepted, what is refused and what is warned about.
use std::path::{Path, PathBuf};

use ddrank_data::ImageShape;
use ddrank_data::synthetic::{
    ClassesOfSoft, DataWarning, SyntheticError, SyntheticLabels, SyntheticPixels, SyntheticSource,
    load_synthetic,
};
use ddrank_files::{FileTensor, write_safetensors};
use image::{Rgb, RgbImage};

const SHAPE: ImageShape = ImageShape {
    channels: 3,
    height: 2,
    width: 4,
};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/plain")
        .join(name)
}

fn source(images: &Path) -> SyntheticSource {
    SyntheticSource::new(images, 3, 2, SHAPE)
}

/// Six images with values around 0.
fn ramp() -> Vec<f32> {
    (0..6 * 24).map(|i| i as f32 / 36.0 - 2.0).collect()
}

fn save(folder: &Path, name: &str, tensors: &[FileTensor]) -> PathBuf {
    let path = folder.join(name);
    write_safetensors(&path, tensors).unwrap();
    path
}

fn images(shape: Vec<usize>, values: &[f32]) -> FileTensor {
    FileTensor::from_f32("images", shape, values).unwrap()
}

fn message(source: &SyntheticSource) -> String {
    let error = load_synthetic(source).unwrap_err();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

fn expect(source: &SyntheticSource, parts: &[&str]) {
    let message = message(source);
    for part in parts {
        assert!(message.contains(part), "expected `{part}` in: {message}");
    }
}

#[test]
fn a_tensor_file_without_labels_is_in_class_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = save(
        folder.path(),
        "x.safetensors",
        &[images(vec![6, 3, 2, 4], &ramp())],
    );
    let (set, warnings) = load_synthetic(&source(&path)).unwrap();
    assert_eq!(set.pixels, SyntheticPixels::Normalised(ramp()));
    assert_eq!(set.labels, SyntheticLabels::Hard(vec![0, 0, 1, 1, 2, 2]));
    assert_eq!((set.shape, set.classes, set.ipc), (SHAPE, 3, 2));
    assert_eq!(warnings, []);
}

#[test]
fn labels_come_in_any_order_and_from_either_file() {
    let folder = tempfile::tempdir().unwrap();
    let wanted = SyntheticLabels::Hard(vec![2, 1, 0, 0, 1, 2]);
    let values = [2, 1, 0, 0, 1, 2];
    let whole: Vec<f32> = values.iter().map(|&v| v as f32).collect();
    for labels in [
        FileTensor::from_i64("labels", vec![6], &values).unwrap(),
        FileTensor::from_i64("labels", vec![6, 1], &values).unwrap(),
        FileTensor::from_f32("labels", vec![6], &whole).unwrap(),
        FileTensor::from_u8("labels", vec![6], vec![2, 1, 0, 0, 1, 2]).unwrap(),
    ] {
        let both = save(
            folder.path(),
            "both.safetensors",
            &[images(vec![6, 3, 2, 4], &ramp()), labels.clone()],
        );
        let mut same_file = source(&both);
        same_file.images_key = Some("images".to_owned());
        same_file.labels_key = Some("labels".to_owned());
        let (set, warnings) = load_synthetic(&same_file).unwrap();
        assert_eq!(set.labels, wanted);
        assert_eq!(warnings, []);

        let mut other_file = source(&save(
            folder.path(),
            "i.safetensors",
            &[images(vec![6, 3, 2, 4], &ramp())],
        ));
        other_file.labels = Some(save(folder.path(), "l.safetensors", &[labels]));
        assert_eq!(load_synthetic(&other_file).unwrap().0.labels, wanted);
    }
}

#[test]
fn soft_labels_keep_their_rows_and_give_their_largest_position() {
    let folder = tempfile::tempdir().unwrap();
    let mut source = source(&save(
        folder.path(),
        "i.safetensors",
        &[images(vec![6, 3, 2, 4], &ramp())],
    ));
    let rows = [
        5.0, 1.0, 0.0, -1.0, -2.0, -3.0, 0.0, 9.0, 1.0, 0.1, 0.2, 0.1, 0.0, 0.0, 0.5, 3.0, 2.0, 4.0,
    ];
    let labels = FileTensor::from_f32("labels", vec![6, 3], &rows).unwrap();
    source.labels = Some(save(folder.path(), "l.safetensors", &[labels]));
    let (set, warnings) = load_synthetic(&source).unwrap();
    assert_eq!(
        set.labels,
        SyntheticLabels::Soft {
            rows: rows.to_vec(),
            hard: vec![0, 0, 1, 1, 2, 2]
        }
    );
    assert_eq!(warnings, []);

    let tied = FileTensor::from_f32("labels", vec![6, 3], &[1.0; 18]).unwrap();
    source.labels = Some(save(folder.path(), "l.safetensors", &[tied]));
    let (set, warnings) = load_synthetic(&source).unwrap();
    assert_eq!(set.labels.hard(), [0; 6]);
    assert_eq!(warnings[0], DataWarning::TiedLabels { rows: 6, first: 0 });
    assert_eq!(
        warnings[1],
        DataWarning::NotBalanced {
            histogram: vec![6, 0, 0],
            ipc: 2
        }
    );
}

#[test]
fn impossible_images_are_refused_with_seen_and_expected() {
    let folder = tempfile::tempdir().unwrap();
    let try_shape = |shape: Vec<usize>| {
        let values: Vec<f32> = ramp()
            .into_iter()
            .cycle()
            .take(shape.iter().product())
            .collect();
        source(&save(
            folder.path(),
            "i.safetensors",
            &[images(shape, &values)],
        ))
    };
    expect(
        &try_shape(vec![6, 2, 4, 3]),
        &[
            "[6, 2, 4, 3]",
            "[6, 3, 2, 4]",
            "channels-last",
            "permute(0, 3, 1, 2)",
        ],
    );
    expect(&try_shape(vec![6, 5, 5, 3]), &["channels-last"]);
    expect(&try_shape(vec![3, 2, 3, 2, 4]), &["flatten(0, 1)"]);
    expect(&try_shape(vec![6, 24]), &["[6, 24]", "[6, 3, 2, 4]"]);
    expect(&try_shape(vec![6, 3, 4, 2]), &["[6, 3, 4, 2]"]);
    expect(
        &try_shape(vec![5, 3, 2, 4]),
        &["5 images", "expected 6 (3 classes x 2 images per class)"],
    );

    for (bad, count) in [
        (f32::NAN, "1 NaN and 0 infinite"),
        (f32::INFINITY, "0 NaN and 1 infinite"),
    ] {
        let mut values = ramp();
        values[7] = bad;
        let path = save(
            folder.path(),
            "i.safetensors",
            &[images(vec![6, 3, 2, 4], &values)],
        );
        expect(&source(&path), &["images", count, "element 7"]);
    }
    let bytes = FileTensor::from_u8("images", vec![6, 3, 2, 4], vec![9; 144]).unwrap();
    expect(
        &source(&save(folder.path(), "i.safetensors", &[bytes])),
        &["type u8", "normalised floats"],
    );
    let two = [
        images(vec![6, 3, 2, 4], &ramp()),
        images(vec![6, 3, 2, 4], &ramp()).renamed("other"),
    ];
    expect(
        &source(&save(folder.path(), "i.safetensors", &two)),
        &["2 tensors", "other [6, 3, 2, 4] f32"],
    );
    let mut none = source(&folder.path().join("i.safetensors"));
    none.ipc = 0;
    expect(&none, &["at least 1"]);
    none.ipc = usize::MAX;
    expect(&none, &["at least 1"]);
}

#[test]
fn impossible_labels_are_refused_with_seen_and_expected() {
    let folder = tempfile::tempdir().unwrap();
    let try_labels = |labels: FileTensor| {
        let mut source = source(&save(
            folder.path(),
            "i.safetensors",
            &[images(vec![6, 3, 2, 4], &ramp())],
        ));
        source.labels = Some(save(folder.path(), "l.safetensors", &[labels]));
        source
    };
    let hard = |v: &[i64]| FileTensor::from_i64("labels", vec![v.len()], v).unwrap();
    let soft = |shape: Vec<usize>, v: &[f32]| FileTensor::from_f32("labels", shape, v).unwrap();
    expect(
        &try_labels(hard(&[0, 0, 1, 1, 2])),
        &["5 labels", "expected 6"],
    );
    expect(
        &try_labels(hard(&[0, 0, 1, 1, 2, 3])),
        &["label 5", "is 3", "0 to 2"],
    );
    expect(
        &try_labels(hard(&[0, -1, 1, 1, 2, 2])),
        &["label 1", "is -1"],
    );
    expect(
        &try_labels(soft(vec![6], &[0.0, 0.5, 1.0, 1.0, 2.0, 2.0])),
        &["not class indices", "element 1 is 0.5"],
    );
    expect(
        &try_labels(soft(vec![6], &[f32::NAN; 6])),
        &["not class indices", "NaN"],
    );
    expect(
        &try_labels(soft(vec![6, 4], &[0.0; 24])),
        &["[6, 4]", "[6, 3] (soft labels)"],
    );
    expect(&try_labels(soft(vec![5, 3], &[0.0; 15])), &["5 labels"]);
    let mut rows = [0.0; 18];
    rows[4] = f32::NEG_INFINITY;
    expect(
        &try_labels(soft(vec![6, 3], &rows)),
        &["labels", "0 NaN and 1 infinite", "element 4"],
    );
    expect(&try_labels(soft(vec![], &[1.0])), &["shape []"]);
}

#[test]
fn suspicious_values_are_warned_about() {
    let folder = tempfile::tempdir().unwrap();
    let load = |values: Vec<f32>| {
        let path = save(
            folder.path(),
            "i.safetensors",
            &[images(vec![6, 3, 2, 4], &values)],
        );
        load_synthetic(&source(&path)).unwrap().1
    };
    assert_eq!(load(ramp()), []);
    let path = folder.path().join("i.safetensors");
    let mut unbalanced = source(&path);
    let labels = FileTensor::from_i64("labels", vec![6], &[0, 0, 0, 1, 2, 2]).unwrap();
    unbalanced.labels = Some(save(folder.path(), "l.safetensors", &[labels]));
    let (_, warnings) = load_synthetic(&unbalanced).unwrap();
    assert_eq!(
        warnings,
        [DataWarning::NotBalanced {
            histogram: vec![3, 1, 2],
            ipc: 2
        }]
    );
    assert!(
        warnings[0]
            .to_string()
            .ends_with("class: count = 0: 3, 1: 1"),
        "{}",
        warnings[0]
    );
}

fn picture(seed: u8) -> RgbImage {
    RgbImage::from_fn(4, 2, |x, y| Rgb([seed, 10 * x as u8, 100 * y as u8]))
}

/// Three classes whose names sort by bytes, two images each.
fn image_folder(root: &Path) -> PathBuf {
    let folder = root.join("set");
    for (class, name) in ["10", "2", "B"].iter().enumerate() {
        std::fs::create_dir_all(folder.join(name)).unwrap();
        for (image, file) in ["a.PNG", "b.bmp"].iter().enumerate() {
            picture((class * 2 + image) as u8)
                .save(folder.join(name).join(file))
                .unwrap();
        }
    }
    folder
}

#[test]
fn an_image_folder_is_decoded_in_order_to_planes() {
    let root = tempfile::tempdir().unwrap();
    let (set, warnings) = load_synthetic(&source(&image_folder(root.path()))).unwrap();
    assert_eq!(warnings, []);
    assert_eq!(set.labels, SyntheticLabels::Hard(vec![0, 0, 1, 1, 2, 2]));
    let SyntheticPixels::Encoded(pixels) = set.pixels else {
        panic!("a folder gives bytes")
    };
    for (index, image) in pixels.chunks_exact(24).enumerate() {
        assert_eq!(image[..8], [index as u8; 8]);
        assert_eq!(image[8..16], [0, 10, 20, 30, 0, 10, 20, 30]);
        assert_eq!(image[16..], [0, 0, 0, 0, 100, 100, 100, 100]);
    }
}

#[test]
fn files_that_do_not_belong_are_warned_about() {
    let root = tempfile::tempdir().unwrap();
    let folder = image_folder(root.path());
    std::fs::write(folder.join("labels.txt"), "x").unwrap();
    std::fs::write(folder.join("2/notes.md"), "x").unwrap();
    std::fs::write(folder.join("2/.hidden.png"), "x").unwrap();
    std::fs::create_dir(folder.join(".cache")).unwrap();
    std::fs::create_dir(folder.join("B/deeper.png")).unwrap();
    let (set, warnings) = load_synthetic(&source(&folder)).unwrap();
    assert_eq!(set.labels.hard().len(), 6);
    let [DataWarning::OddFiles { count: 5, paths }] = warnings.as_slice() else {
        panic!("{warnings:?}")
    };
    for name in [
        "labels.txt",
        "2/notes.md",
        "2/.hidden.png",
        ".cache",
        "B/deeper.png",
    ] {
        assert!(paths.contains(&folder.join(name)), "{name}");
        assert!(warnings[0].to_string().contains(name));
    }
}

#[test]
fn folders_that_do_not_fit_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let folder = image_folder(root.path());
    let mut other = source(&folder);
    other.classes = 4;
    expect(&other, &["3 class folders (10, 2, B)", "expected 4"]);
    other = source(&folder);
    other.ipc = 3;
    expect(&other, &["6 images", "expected 9"]);
    other = source(&folder);
    other.shape.channels = 1;
    expect(&other, &["3 channels", "1x2x4"]);
    other = source(&folder);
    other.images_key = Some("x".to_owned());
    expect(&other, &["`x`", "image folder"]);
    other = source(&folder);
    other.labels_key = Some("x".to_owned());
    expect(&other, &["`x`", "image folder"]);

    RgbImage::new(5, 2).save(folder.join("2/b.bmp")).unwrap();
    expect(&source(&folder), &["2/b.bmp", "5x2", "expected 4x2"]);
    std::fs::remove_file(folder.join("2/a.PNG")).unwrap();
    std::fs::remove_file(folder.join("2/b.bmp")).unwrap();
    expect(&source(&folder), &["set/2", "no image"]);
    picture(1).save(folder.join("2/a.PNG")).unwrap();
    picture(1).save(folder.join("B/c.png")).unwrap();
    let (set, warnings) = load_synthetic(&source(&folder)).unwrap();
    assert_eq!(set.labels.hard(), [0, 0, 1, 2, 2, 2]);
    assert_eq!(
        warnings,
        [DataWarning::NotBalanced {
            histogram: vec![2, 1, 3],
            ipc: 2
        }]
    );
}

/// A set of one image, a copy of `bytes` under the given name.
fn single(root: &Path, name: &str, bytes: &[u8]) -> SyntheticSource {
    let folder = root.join("single");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("0")).unwrap();
    std::fs::write(folder.join("0").join(name), bytes).unwrap();
    let shape = ImageShape {
        channels: 3,
        height: 6,
        width: 8,
    };
    SyntheticSource::new(folder, 1, 1, shape)
}

#[test]
fn every_kind_of_image_is_decoded_as_pillow_decodes_it() {
    let text = std::fs::read_to_string(fixture("expected.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_str(&text).unwrap();
    let images = expected.as_object().unwrap();
    assert_eq!(images.len(), 13);
    let root = tempfile::tempdir().unwrap();
    for (name, truth) in images {
        let bytes = std::fs::read(fixture(name)).unwrap();
        let (set, _) = load_synthetic(&single(root.path(), name, &bytes))
            .unwrap_or_else(|e| panic!("{name}: {e:?}"));
        let SyntheticPixels::Encoded(pixels) = set.pixels else {
            panic!("a folder gives bytes")
        };
        let tolerance = truth["tolerance"].as_i64().unwrap();
        for (at, value) in truth["rgb"].as_array().unwrap().iter().enumerate() {
            let seen = i64::from(pixels[(at % 3) * 48 + at / 3]);
            let wanted = value.as_i64().unwrap();
            assert!(
                (seen - wanted).abs() <= tolerance,
                "{name} at {at}: {seen}, Pillow has {wanted}"
            );
        }
    }
}

#[test]
fn images_that_are_not_one_whole_picture_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let from = |name: &str, bytes: &[u8]| single(root.path(), name, bytes);
    for name in ["several.png", "several.webp", "several.tiff"] {
        expect(
            &from(name, &std::fs::read(fixture(name)).unwrap()),
            &[name, "several images"],
        );
    }
    expect(
        &from("x.png", &std::fs::read(fixture("several.gif")).unwrap()),
        &["x.png", "GIF", "expected a JPEG"],
    );
    let grey = from("x.tiff", &std::fs::read(fixture("float.tiff")).unwrap());
    expect(&grey, &["x.tiff", "not supported", "Unknown(32)"]);
    let mut float = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb32f(8, 6)
        .write_to(&mut float, image::ImageFormat::Tiff)
        .unwrap();
    expect(
        &from("x.tiff", float.get_ref()),
        &["x.tiff", "floating-point"],
    );
    expect(&from("x.png", b"hello"), &["x.png", "not an image"]);
    expect(&from("x.png", b""), &["empty"]);
    for name in [
        "rgb.png", "rgb.bmp", "rgb.ppm", "rgb.tiff", "rgb.webp", "rgb.jpg", "grey.jpg", "cmyk.jpg",
    ] {
        let bytes = std::fs::read(fixture(name)).unwrap();
        for part in 1..10 {
            let source = from(name, &bytes[..bytes.len() * part / 10]);
            assert!(
                matches!(load_synthetic(&source), Err(SyntheticError::Image { .. })),
                "{name} cut to {part}/10"
            );
        }
    }
    // A header that promises 4 gigapixels.
    expect(&from("x.ppm", b"P6 65000 65000 255\n"), &["x.ppm"]);
}

/// The classes of some datasets are not in the order of their names: names decide there, not the order.
#[test]
fn folders_named_like_the_classes_get_their_labels() {
    let folder = tempfile::tempdir().unwrap();
    for (name, level) in [("n1", 10_u8), ("n2", 20), ("n3", 30)] {
        let path = folder.path().join(name);
        std::fs::create_dir(&path).unwrap();
        RgbImage::from_pixel(4, 2, Rgb([level; 3]))
            .save(path.join("0.png"))
            .unwrap();
    }
    let levels = |names: [&str; 3]| {
        let source = SyntheticSource {
            ipc: 1,
            class_names: names.map(str::to_owned).to_vec(),
            ..source(folder.path())
        };
        let (set, _) = load_synthetic(&source).unwrap();
        assert_eq!(set.labels.hard(), [0, 1, 2]);
        let SyntheticPixels::Encoded(bytes) = set.pixels else {
            panic!("a folder is bytes")
        };
        [bytes[0], bytes[24], bytes[48]]
    };
    assert_eq!(levels(["n3", "n1", "n2"]), [30, 10, 20]);
    assert_eq!(levels(["cat", "dog", "eel"]), [10, 20, 30], "other names");
    let misspelt = SyntheticSource {
        ipc: 1,
        class_names: ["n1", "n2", "n03"].map(str::to_owned).to_vec(),
        ..source(folder.path())
    };
    let error = message(&misspelt);
    assert!(error.contains("others (n3)"), "{error}");
}

#[test]
fn soft_rows_need_not_decide_the_classes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("set.safetensors");
    // Every row says class 2.
    let rows: Vec<f32> = (0..6).flat_map(|_| [0.1, 0.2, 0.7]).collect();
    let rows = FileTensor::from_f32("labels", vec![6, 3], &rows).unwrap();
    write_safetensors(
        &path,
        &[images(vec![6, 3, 2, 4], &ramp()).renamed("images"), rows],
    )
    .unwrap();
    let classes = |classes_of_soft| {
        let source = SyntheticSource {
            images_key: Some("images".into()),
            labels_key: Some("labels".into()),
            classes_of_soft,
            ..source(&path)
        };
        let (set, _) = load_synthetic(&source).unwrap();
        set.labels.hard().to_vec()
    };
    assert_eq!(classes(ClassesOfSoft::Largest), [2; 6]);
    assert_eq!(classes(ClassesOfSoft::Images), [0, 0, 1, 1, 2, 2]);
}
