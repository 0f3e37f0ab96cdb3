//! Labels and learning rates beside the images in one file, and grey images.

use std::path::{Path, PathBuf};

use ddrank_data::ImageShape;
use ddrank_data::synthetic::{
    ClassesOfSoft, DataWarning, LabelOrigin, NumberBeside, SyntheticLabels, SyntheticPixels,
    SyntheticSource, load_synthetic,
};
use ddrank_files::{FileTensor, write_safetensors};

const SHAPE: ImageShape = ImageShape {
    channels: 3,
    height: 2,
    width: 4,
};

fn source(images: &Path) -> SyntheticSource {
    SyntheticSource::new(images, 3, 2, SHAPE)
}

fn images(name: &str) -> FileTensor {
    let values: Vec<f32> = (0..144).map(|i| i as f32 / 36.0 - 2.0).collect();
    FileTensor::from_f32(name, vec![6, 3, 2, 4], &values).unwrap()
}

fn classes(name: &str, values: [i64; 6]) -> FileTensor {
    FileTensor::from_i64(name, vec![6], &values).unwrap()
}

/// Rows with their largest value at these classes.
fn rows(name: &str, largest: [usize; 6]) -> FileTensor {
    let row = |class: usize| (0..3).map(move |at| if at == class { 2.5 } else { 0.5 });
    let values: Vec<f32> = largest.into_iter().flat_map(row).collect();
    FileTensor::from_f32(name, vec![6, 3], &values).unwrap()
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn save(&self, tensors: &[FileTensor]) -> PathBuf {
        let path = self.0.path().join("set.safetensors");
        write_safetensors(&path, tensors).unwrap();
        path
    }
}

const MIXED: [i64; 6] = [2, 1, 0, 0, 1, 2];
const IN_ORDER: [i64; 6] = [0, 0, 1, 1, 2, 2];

fn beside(name: &str) -> LabelOrigin {
    LabelOrigin::Beside(name.to_owned())
}

#[test]
fn labels_beside_the_images_are_used() {
    let folder = Folder::new();
    let load = |tensors: &[FileTensor]| {
        let (set, warnings) = load_synthetic(&source(&folder.save(tensors))).unwrap();
        (set.labels.hard().to_vec(), set.origin, warnings)
    };
    let mixed = vec![2, 1, 0, 0, 1, 2];
    // Whatever it is called, and whatever lies beside it.
    let number = FileTensor::from_f32("epoch", vec![], &[3.0]).unwrap();
    let weights =
        FileTensor::from_f32("weights", vec![6], &[0.5, 1.0, 0.0, 2.0, 2.0, 1.0]).unwrap();
    for name in ["labels", "z"] {
        let found = load(&[
            images("x"),
            classes(name, MIXED),
            number.clone(),
            weights.clone(),
        ]);
        assert_eq!(found, (mixed.clone(), beside(name), vec![]));
    }
    let column = FileTensor::from_f32("y", vec![6, 1], &MIXED.map(|v| v as f32)).unwrap();
    assert_eq!(load(&[images("x"), column]).0, mixed);
    let found = load(&[images("x"), rows("y", MIXED.map(|v| v as usize))]);
    assert_eq!((found.0, found.1), (mixed.clone(), beside("y")));
    // Two that agree, and one whose rows are a teacher's opinion.
    let agree = load(&[images("x"), classes("a", MIXED), classes("b", MIXED)]);
    assert_eq!(agree.0, mixed);
    let opinion = load(&[
        images("x"),
        rows("a", [0, 0, 1, 1, 2, 2]),
        classes("b", MIXED),
    ]);
    assert_eq!((opinion.0, opinion.1), (mixed.clone(), beside("b")));
    // Several experiments in one file: those beside the images that are asked for.
    let file = folder.save(&[
        images("data.0.0"),
        classes("data.0.1", MIXED),
        images("data.1.0"),
        classes("data.1.1", IN_ORDER),
    ]);
    for (experiment, labels) in [("data.0", MIXED), ("data.1", IN_ORDER)] {
        let mut source = source(&file);
        source.images_key = Some(format!("{experiment}.0"));
        let (set, _) = load_synthetic(&source).unwrap();
        assert!(
            set.labels
                .hard()
                .iter()
                .map(|&label| i64::from(label))
                .eq(labels)
        );
    }
    // Without one, images are in class order.
    let (labels, origin, warnings) = load(&[images("x")]);
    assert_eq!(
        (labels, origin, warnings),
        (vec![0, 0, 1, 1, 2, 2], LabelOrigin::Order, vec![])
    );
}

#[test]
fn what_is_not_sure_to_be_labels_is_told_or_asked() {
    let folder = Folder::new();
    let (set, warnings) = load_synthetic(&source(
        &folder.save(&[images("x"), classes("step", [1; 6])]),
    ))
    .unwrap();
    assert_eq!(set.origin, LabelOrigin::Order);
    let [DataWarning::LabelsBeside { names }] = warnings.as_slice() else {
        panic!("{warnings:?}")
    };
    assert_eq!(names, "`step` [6] i64");
    let refused = |tensors: &[FileTensor]| {
        load_synthetic(&source(&folder.save(tensors)))
            .unwrap_err()
            .to_string()
    };
    let two = refused(&[images("x"), classes("a", MIXED), classes("b", IN_ORDER)]);
    assert!(
        two.contains("`a` [6] i64, `b` [6] i64") && two.contains("`labels_key`"),
        "{two}"
    );
    let outside = [images("x"), classes("a", [0, 0, 1, 1, 2, 3])];
    let (set, warnings) = load_synthetic(&source(&folder.save(&outside))).unwrap();
    assert_eq!((set.origin, warnings), (LabelOrigin::Order, vec![]));
    let two = load_synthetic(&source(&folder.save(&[images("a"), images("b")]))).unwrap_err();
    let cause = std::error::Error::source(&two).unwrap().to_string();
    assert!(cause.contains("2 tensors, name one of them"), "{cause}");
}

#[test]
fn a_key_alone_looks_beside_the_images_and_soft_rows_keep_the_classes_beside() {
    let folder = Folder::new();
    let mut source =
        source(&folder.save(&[images("x"), classes("y", MIXED), rows("logits", [0; 6])]));
    source.labels_key = Some("y".into());
    let (set, _) = load_synthetic(&source).unwrap();
    assert_eq!(
        (set.labels.hard(), &set.origin),
        (&[2, 1, 0, 0, 1, 2][..], &beside("y"))
    );
    source.classes_of_soft = ClassesOfSoft::Images;
    for key in [Some("logits".to_owned()), None] {
        source.labels_key = key;
        let (set, _) = load_synthetic(&source).unwrap();
        let SyntheticLabels::Soft { rows, hard } = &set.labels else {
            panic!("{:?}", set.labels)
        };
        assert_eq!((rows.len(), hard.as_slice()), (18, &[2, 1, 0, 0, 1, 2][..]));
    }
    source.labels_key = Some("z".into());
    let error = load_synthetic(&source).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("`z`") && cause.contains("logits"), "{cause}");
}

#[test]
fn numbers_beside_the_images_are_listed() {
    let folder = Folder::new();
    let number = |name: &str, value: f32| FileTensor::from_f32(name, vec![1], &[value]).unwrap();
    let path = folder.save(&[
        images("x"),
        number("lr", 0.5),
        number("zero", 0.0),
        number("bad", f32::NAN),
    ]);
    let (set, _) = load_synthetic(&source(&path)).unwrap();
    let lr = NumberBeside {
        name: "lr".into(),
        value: 0.5,
    };
    assert_eq!(set.numbers_beside, [lr]);
}

#[test]
fn grey_images_are_repeated_for_every_channel() {
    let folder = Folder::new();
    let values: Vec<f32> = (0..48).map(|i| i as f32 - 24.0).collect();
    for shape in [vec![6, 1, 2, 4], vec![6, 2, 4]] {
        let grey = FileTensor::from_f32("x", shape.clone(), &values).unwrap();
        let (set, warnings) = load_synthetic(&source(&folder.save(&[grey]))).unwrap();
        let SyntheticPixels::Normalised(pixels) = set.pixels else {
            panic!("a tensor is floats")
        };
        for (image, plane) in pixels.chunks(24).zip(values.chunks(8)) {
            assert_eq!(image, [plane; 3].concat());
        }
        assert_eq!(warnings, [DataWarning::Grey { shape, channels: 3 }]);
    }
    for (shape, hint) in [
        (vec![6, 2, 4, 1], "permute(0, 3, 1, 2)"),
        (vec![3, 2, 4], "images[None]"),
        (vec![6, 24], "reshape(-1, 3, 2, 4)"),
        (vec![6, 1, 5, 5], "`dataset.size` to [5, 5]"),
    ] {
        let values = vec![0.5; shape.iter().product()];
        let tensor = FileTensor::from_f32("x", shape, &values).unwrap();
        let refused = load_synthetic(&source(&folder.save(&[tensor])))
            .unwrap_err()
            .to_string();
        assert!(refused.contains(hint), "{refused}");
    }
}
