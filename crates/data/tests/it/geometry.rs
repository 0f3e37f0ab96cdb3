//! Sizes and deterministic transforms of real images.

use std::fs;
use std::path::Path;

use ddrank_data::{
    DataError, DatasetName, DatasetSource, Geometry, GeometryStep, ImageShape, LabelledImages,
    Pictures, Pixels, Size, centre_offset, load_dataset, open_dataset,
};
use image::{Rgb, RgbImage};

fn resize(size: Size) -> GeometryStep {
    GeometryStep::Resize { size }
}

fn crop(size: Size) -> GeometryStep {
    GeometryStep::CenterCrop { size }
}

fn exact(height: usize, width: usize) -> Size {
    Size::Exact { height, width }
}

/// One image with these planes of height x width.
fn one(bytes: Vec<u8>, height: usize, width: usize) -> Pictures {
    let shape = ImageShape {
        channels: 3,
        height,
        width,
    };
    Pictures::uniform(LabelledImages::new(shape, 1, Pixels::Bytes(bytes), vec![0]).unwrap())
        .unwrap()
}

fn prepared(pictures: &Pictures, steps: Vec<GeometryStep>) -> Result<Vec<u8>, DataError> {
    let geometry = pictures.geometry(steps)?;
    let images = pictures.prepared(&geometry)?;
    assert_eq!(images.shape(), geometry.shape());
    Ok(images.bytes()?.to_vec())
}

/// Red is the row, green the column, blue 9.
fn ramp(height: usize, width: usize) -> Vec<u8> {
    let at = |value: fn(usize, usize) -> usize| {
        (0..height * width).map(move |index| value(index / width, index % width) as u8)
    };
    let red = at(|row, _| row);
    red.chain(at(|_, column| column))
        .chain(at(|_, _| 9))
        .collect()
}

#[test]
fn centre_crops_are_torchvisions() {
    // (side - crop) / 2 with halves to even, and the larger part of odd padding at the end.
    let offsets = [(3, 2), (5, 2), (7, 2), (4, 2), (2, 5), (2, 4), (6, 6)];
    let offsets = offsets.map(|(side, crop)| centre_offset(side, crop));
    assert_eq!(offsets, [0, 2, 2, 1, -1, -1, 0]);
    let picture = one(ramp(5, 3), 5, 3);
    // torchvision.transforms.functional.center_crop on the same ramp: rows 2, 3 and columns -1 to 3.
    let got = prepared(&picture, vec![crop(exact(2, 5))]).unwrap();
    assert_eq!(got[..10], [0, 2, 2, 2, 0, 0, 3, 3, 3, 0]);
    assert_eq!(got[10..20], [0, 0, 1, 2, 0, 0, 0, 1, 2, 0]);
    assert_eq!(got[20..], [0, 9, 9, 9, 0, 0, 9, 9, 9, 0]);
}

#[test]
fn the_shorter_side_then_the_centre() {
    // 256 and 224 of ImageNet's usual transform, an eighth of them; 75 * 32 / 50 = 48.
    let picture = one(ramp(50, 75), 50, 75);
    let steps = vec![resize(Size::Side(32)), crop(Size::Side(28))];
    assert_eq!(
        picture.geometry(steps.clone()).unwrap().to_string(),
        "resize, shorter side 32; then centre crop of 28 x 28"
    );
    let got = prepared(&picture, steps).unwrap();
    assert_eq!(got.len(), 3 * 28 * 28);
    // Output row i reads around 50 / 32 * (i + 2 + 0.5) - 0.5, a symmetric filter of a linear ramp.
    for (index, &red) in got[..28 * 28].iter().enumerate() {
        let expected = 50.0 / 32.0 * ((index / 28) as f64 + 2.5) - 0.5;
        assert!(
            (f64::from(red) - expected).abs() <= 1.0,
            "{index}: {red} for {expected}"
        );
    }
    for (index, &green) in got[28 * 28..2 * 28 * 28].iter().enumerate() {
        let expected = 75.0 / 48.0 * ((index % 28) as f64 + 10.5) - 0.5;
        assert!(
            (f64::from(green) - expected).abs() <= 1.0,
            "{index}: {green} for {expected}"
        );
    }
    let one_number = resize(Size::Side(32));
    let other = one(ramp(75, 50), 75, 50);
    assert_eq!(other.geometry(vec![one_number]).unwrap().size(), [48, 32]);
}

#[test]
fn no_steps_keep_the_bytes() {
    let picture = one(ramp(4, 6), 4, 6);
    assert_eq!(prepared(&picture, vec![]).unwrap(), ramp(4, 6));
    let same = vec![resize(exact(4, 6)), crop(exact(4, 6))];
    assert_eq!(prepared(&picture, same).unwrap(), ramp(4, 6));
    // There and back is not the same.
    let there_and_back = vec![resize(exact(2, 3)), resize(exact(4, 6))];
    assert_ne!(prepared(&picture, there_and_back).unwrap(), ramp(4, 6));
}

#[test]
fn every_dataset_can_be_resized() {
    let mut source = DatasetSource::new(DatasetName::Demo);
    source.train_limit = Some(10);
    source.test_limit = Some(5);
    let plain = load_dataset(&source).unwrap();
    source.size = Some((48, 40));
    let sized = load_dataset(&source).unwrap();
    assert_eq!(sized.train.shape().to_string(), "3x48x40");
    assert_eq!(sized.test.shape().to_string(), "3x48x40");
    assert_eq!(sized.train.labels(), plain.train.labels());
    let mean = |images: &LabelledImages| {
        let bytes = images.bytes().unwrap();
        bytes.iter().map(|&byte| f64::from(byte)).sum::<f64>() / bytes.len() as f64
    };
    assert!((mean(&sized.train) - mean(&plain.train)).abs() < 1.0);

    source.size = Some((32, 32));
    assert_eq!(
        load_dataset(&source).unwrap().test.fingerprint(),
        plain.test.fingerprint()
    );
    source.size = None;
    source.transform = Some(vec![resize(Size::Side(40)), crop(Size::Side(36))]);
    assert_eq!(
        load_dataset(&source).unwrap().test.shape().to_string(),
        "3x36x36"
    );
    source.size = Some((36, 36));
    assert_eq!(open_dataset(&source).unwrap().geometry.size(), [36, 36]);
    source.size = Some((40, 36));
    let error = open_dataset(&source).unwrap_err().to_string();
    assert!(
        error.contains("`size` is 40x36, but `transform` leads to 36x36"),
        "{error}"
    );
}

#[test]
fn impossible_steps_are_refused() {
    let mut source = DatasetSource::new(DatasetName::Demo);
    for (size, key) in [
        ((0, 5), "`size`"),
        ((5, 0), "`size`"),
        ((9000, 5), "`size`"),
    ] {
        source.size = Some(size);
        let error = open_dataset(&source).unwrap_err().to_string();
        assert!(
            error.contains(key) && error.contains("1 to 8192"),
            "{error}"
        );
    }
    source.size = None;
    source.transform = Some(vec![crop(Size::Side(0))]);
    let error = open_dataset(&source).unwrap_err().to_string();
    assert!(error.contains("`center-crop` has the size 0"), "{error}");
    // A line of pixels whose longer side would explode.
    let line = one(vec![5; 3 * 4000], 1, 4000);
    let error = prepared(&line, vec![resize(Size::Side(256)), crop(Size::Side(224))]).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        cause.contains("1x4000 pixels (height x width) becomes 256x1024000"),
        "{cause}"
    );
}

fn folder(sizes: &[(u32, u32)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for split in ["train", "val"] {
        fs::create_dir_all(root.path().join(split).join("a")).unwrap();
        for (index, &(height, width)) in sizes.iter().enumerate() {
            let picture = RgbImage::from_fn(width, height, |x, y| Rgb([y as u8, x as u8, 9]));
            let file = root.path().join(split).join(format!("a/{index}.png"));
            picture.save(file).unwrap();
        }
    }
    root
}

fn folder_source(root: &Path) -> DatasetSource {
    DatasetSource {
        root: Some(root.to_owned()),
        ..DatasetSource::new(DatasetName::Folder)
    }
}

#[test]
fn only_the_shorter_side_needs_pictures_of_one_shape() {
    let mut source = folder_source(Path::new(""));
    source.transform = Some(vec![resize(Size::Side(8))]);
    let same = folder(&[(10, 20), (20, 40)]);
    source.root = Some(same.path().to_owned());
    assert_eq!(
        load_dataset(&source).unwrap().test.shape().to_string(),
        "3x8x16"
    );
    let other = folder(&[(10, 20), (20, 30)]);
    source.root = Some(other.path().to_owned());
    let error = load_dataset(&source).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        error.to_string().contains("1.png")
            && cause.contains("20x30 pixels (height x width), 8x12 after the transform")
            && cause.contains("the first picture has 8x16"),
        "{error}: {cause}"
    );
}

#[test]
fn what_cannot_fit_into_memory_is_refused_before_it_is_taken() {
    let root = folder(&[(4, 4)]);
    let opened = open_dataset(&folder_source(root.path())).unwrap();
    let geometry = opened
        .train
        .geometry(Geometry::resize_steps([8192, 8192]))
        .unwrap();
    let many = opened.train.select(&vec![0; 1_000_000]);
    assert_eq!(
        many.prepared_bytes(&geometry),
        1_000_000 * 3 * 8192 * 8192_u64
    );
    let error = many.prepared(&geometry).unwrap_err().to_string();
    assert!(
        error.contains("1000000 pictures of 3x8192x8192 take 201326.6 GB of memory"),
        "{error}"
    );
}

#[test]
fn steps_are_written_like_augmentations() {
    let text = r#"[{"name":"resize","size":256},{"name":"center-crop","size":[224,200]}]"#;
    let steps: Vec<GeometryStep> = serde_json::from_str(text).unwrap();
    assert_eq!(steps, [resize(Size::Side(256)), crop(exact(224, 200))]);
    assert_eq!(serde_json::to_string(&steps).unwrap(), text);
    for wrong in [
        r#"{"name":"resize"}"#,
        r#"{"name":"resize","size":-1}"#,
        r#"{"name":"resize","size":[1,2,3]}"#,
        r#"{"name":"flip","size":3}"#,
        r#"{"name":"resize","size":3,"mode":"nearest"}"#,
    ] {
        assert!(
            serde_json::from_str::<GeometryStep>(wrong).is_err(),
            "{wrong}"
        );
    }
}
