//! Folders of pictures: good ones, broken ones, and resizing against Pillow.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "test helpers may panic"
)]

use std::error::Error;
use std::fs;
use std::path::Path;

use ddrank_data::{
    DataError, DatasetName, DatasetSource, Normalisation, RealDataset, load_dataset,
};
use image::{DynamicImage, GrayImage, ImageBuffer, Luma, LumaA, Rgb, RgbImage, Rgba};
use tempfile::TempDir;

fn load(root: &Path) -> Result<RealDataset, DataError> {
    load_dataset(&DatasetSource {
        root: Some(root.to_owned()),
        ..DatasetSource::new(DatasetName::Folder)
    })
}

/// An error with its causes, as the binary shows it.
fn shown(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn refused(root: &Path) -> String {
    shown(&load(root).unwrap_err())
}

/// A folder dataset: `train` and the held-out split, 3 and 2 pictures of 6x4 in each of the classes 1, 10, 9.
fn folder_dataset(held_out: &str) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (split, count) in [("train", 3), (held_out, 2)] {
        for class in ["9", "10", "1"] {
            let folder = root.path().join(split).join(class);
            fs::create_dir_all(&folder).unwrap();
            for index in 0..count {
                let level: u8 = class.parse::<u8>().unwrap() * 10 + index;
                picture(level)
                    .save(folder.join(format!("{index}.png")))
                    .unwrap();
            }
        }
    }
    root
}

/// 6 wide, 4 high; red is the level, green the column, blue the row.
fn picture(level: u8) -> RgbImage {
    RgbImage::from_fn(6, 4, |x, y| Rgb([level, x as u8, y as u8]))
}

#[test]
fn a_folder_is_read_in_turns_with_classes_sorted_as_text() {
    for held_out in ["test", "val"] {
        let root = folder_dataset(held_out);
        fs::write(root.path().join("train/1/notes.txt"), "no picture").unwrap();
        fs::write(
            root.path().join("train/1/._0.png"),
            "left by a file manager",
        )
        .unwrap();
        let dataset = load(root.path()).unwrap();
        assert_eq!(dataset.class_names, ["1", "10", "9"]);
        assert_eq!(dataset.train.labels(), [0, 1, 2, 0, 1, 2, 0, 1, 2]);
        assert_eq!(dataset.test.labels(), [0, 1, 2, 0, 1, 2]);
        assert_eq!(dataset.train.shape().to_string(), "3x4x6");
        let reds: Vec<u8> = dataset
            .train
            .bytes()
            .unwrap()
            .chunks(72)
            .map(|image| image[0])
            .collect();
        assert_eq!(reds, [10, 100, 90, 11, 101, 91, 12, 102, 92]);
        let first = &dataset.train.bytes().unwrap()[..72];
        assert_eq!(first[24..36], [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5]);
        assert_eq!(first[48..60], [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
        assert_eq!(dataset.normalisation, Normalisation::imagenet());
    }
}

#[test]
fn test_comes_before_val_and_limits_keep_classes_balanced() {
    let root = folder_dataset("test");
    fs::create_dir_all(root.path().join("val/other")).unwrap();
    let mut source = DatasetSource {
        root: Some(root.path().to_owned()),
        ..DatasetSource::new(DatasetName::Folder)
    };
    source.train_limit = Some(6);
    source.test_limit = Some(3);
    let dataset = load_dataset(&source).unwrap();
    assert_eq!(
        (dataset.train.class_counts(), dataset.test.class_counts()),
        (vec![2; 3], vec![1; 3])
    );
}

#[test]
fn pictures_of_several_sizes_need_a_size() {
    let root = folder_dataset("val");
    let odd = root.path().join("train/9/1.png");
    RgbImage::from_pixel(30, 50, Rgb([9, 8, 7]))
        .save(&odd)
        .unwrap();
    let error = refused(root.path());
    assert!(
        error.contains(
            "1.png: 50x30 pixels (height x width), the first picture has 4x6: give `size`"
        ),
        "{error}"
    );
    let mut source = DatasetSource {
        root: Some(root.path().to_owned()),
        ..DatasetSource::new(DatasetName::Folder)
    };
    source.size = Some((5, 7));
    let dataset = load_dataset(&source).unwrap();
    assert_eq!(dataset.train.shape().to_string(), "3x5x7");
    // The odd one has one colour, which resizing keeps.
    let image = &dataset.train.bytes().unwrap()[5 * 105..6 * 105];
    assert!(image[..35].iter().all(|&red| red == 9) && image[70..].iter().all(|&blue| blue == 7));
    for bad in [(0, 5), (5, 0), (9000, 5)] {
        source.size = Some(bad);
        assert!(
            load_dataset(&source)
                .unwrap_err()
                .to_string()
                .contains("`size`")
        );
    }
}

#[test]
fn folders_that_do_not_fit_are_refused() {
    let change = |change: fn(&Path)| {
        let root = folder_dataset("test");
        change(root.path());
        refused(root.path())
    };
    let none = change(|root| fs::remove_dir_all(root.join("test")).unwrap());
    assert!(
        none.contains("expected train/<class>/ and test/<class>/ or val/<class>/"),
        "{none}"
    );
    let none = change(|root| fs::remove_dir_all(root.join("train")).unwrap());
    assert!(none.contains("no folder files in"), "{none}");
    let lost = change(|root| fs::remove_dir_all(root.join("test/10")).unwrap());
    assert!(lost.contains("no class folder `10`"), "{lost}");
    let extra = change(|root| fs::rename(root.join("train/10"), root.join("train/11")).unwrap());
    assert!(
        extra.contains("no class folder `11`") || extra.contains("no class folder `10`"),
        "{extra}"
    );
    let empty = change(|root| fs::create_dir_all(root.join("train/zebra")).unwrap());
    assert!(empty.contains("zebra: a class without pictures"), "{empty}");
    let nothing = change(|root| {
        fs::remove_dir_all(root.join("train")).unwrap();
        fs::create_dir_all(root.join("train")).unwrap();
    });
    assert!(nothing.contains("train: no class folders"), "{nothing}");
    let text = change(|root| fs::write(root.join("train/9/2.png"), "no picture").unwrap());
    assert!(
        text.contains("2.png: the content is not an image; expected a JPEG"),
        "{text}"
    );
    let torn = change(|root| {
        let bytes = fs::read(root.join("test/9/1.png")).unwrap();
        fs::write(root.join("test/9/1.png"), &bytes[..bytes.len() / 2]).unwrap();
    });
    assert!(
        torn.contains("cannot decode the picture") && torn.contains("1.png"),
        "{torn}"
    );
    let huge = change(|root| {
        // A header that promises 100,000 x 100,000 pixels.
        fs::write(root.join("train/1/0.ppm"), b"P6\n100000 100000\n255\nabc").unwrap();
    });
    assert!(
        huge.contains("the image has 100000x100000 pixels, allowed are 67108864"),
        "{huge}"
    );
}

#[test]
fn of_several_broken_pictures_the_first_is_named() {
    for _ in 0..20 {
        let root = folder_dataset("test");
        for file in ["9/0.png", "1/2.png", "10/1.png"] {
            fs::write(root.path().join("train").join(file), "broken").unwrap();
        }
        let error = refused(root.path());
        assert!(error.contains("0.png"), "{error}");
    }
}

/// The bytes of the one training picture of a folder dataset.
fn single(name: &str, write: impl Fn(&Path)) -> Result<Vec<u8>, DataError> {
    let root = tempfile::tempdir().unwrap();
    for split in ["train", "test"] {
        let folder = root.path().join(split).join("only");
        fs::create_dir_all(&folder).unwrap();
        write(&folder.join(name));
    }
    load(root.path()).map(|dataset| dataset.train.bytes().unwrap().to_vec())
}

#[test]
fn every_kind_of_pixel_becomes_rgb() {
    let save = |picture: DynamicImage| move |path: &Path| picture.save(path).unwrap();
    let grey = GrayImage::from_vec(2, 1, vec![3, 200]).unwrap();
    for name in ["a.png", "a.bmp", "a.pgm", "a.tif", "a.TIFF"] {
        assert_eq!(
            single(name, save(grey.clone().into())).unwrap(),
            [3, 200, 3, 200, 3, 200],
            "{name}"
        );
    }
    let colour = RgbImage::from_vec(2, 1, vec![1, 2, 3, 4, 5, 6]).unwrap();
    for name in ["a.png", "a.bmp", "a.ppm", "a.tif", "a.webp", "a.PNG"] {
        assert_eq!(
            single(name, save(colour.clone().into())).unwrap(),
            [1, 4, 2, 5, 3, 6],
            "{name}"
        );
    }
    // Transparency is dropped, not blended; 16 bits are scaled to 8.
    let clear = ImageBuffer::<Rgba<u8>, _>::from_vec(1, 1, vec![10, 20, 30, 0]).unwrap();
    assert_eq!(single("a.png", save(clear.into())).unwrap(), [10, 20, 30]);
    let clear = ImageBuffer::<LumaA<u8>, _>::from_vec(1, 1, vec![10, 0]).unwrap();
    assert_eq!(single("a.png", save(clear.into())).unwrap(), [10, 10, 10]);
    let deep = ImageBuffer::<Luma<u16>, _>::from_vec(2, 1, vec![65535, 257 * 7]).unwrap();
    assert_eq!(
        single("a.png", save(deep.into())).unwrap(),
        [255, 7, 255, 7, 255, 7]
    );
    // The content tells the format, not the name.
    let wrong = |path: &Path| {
        colour
            .save_with_format(path, image::ImageFormat::Png)
            .unwrap();
    };
    assert_eq!(single("a.jpeg", wrong).unwrap(), [1, 4, 2, 5, 3, 6]);
}

#[test]
fn animations_are_refused() {
    // A PNG with an `acTL` chunk put in front of its data.
    let png = |path: &Path| {
        let mut bytes = Vec::new();
        picture(1)
            .write_to(
                &mut std::io::Cursor::new(&mut bytes),
                image::ImageFormat::Png,
            )
            .unwrap();
        let control = [
            &8_u32.to_be_bytes()[..],
            b"acTL",
            &[0, 0, 0, 2, 0, 0, 0, 0],
            &ACTL_CRC,
        ]
        .concat();
        bytes.splice(33..33, control);
        fs::write(path, bytes).unwrap();
    };
    let error = single("a.png", png).unwrap_err();
    let cause = Error::source(&error).unwrap();
    let error = format!("{error}: {cause}");
    assert!(
        error.contains(
            "a.png: the file holds several images (an animation or several pages), expected one"
        ),
        "{error}"
    );
}

/// CRC-32 of `acTL` with 2 frames and endless loops.
const ACTL_CRC: [u8; 4] = 0xf38d_9370_u32.to_be_bytes();

#[test]
fn golden_resizing() {
    let Some(list) = std::env::var_os("DDRANK_GOLDENS") else {
        return;
    };
    let mut seen = 0;
    for folder in std::env::split_paths(&list).filter(|folder| !folder.as_os_str().is_empty()) {
        seen += resize_cases(&folder);
    }
    assert!(
        list.is_empty() || seen > 0,
        "no resize_image cases in {}",
        list.display()
    );
}

fn resize_cases(folder: &Path) -> usize {
    let manifest: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(folder.join("manifest.json")).unwrap()).unwrap();
    let mut seen = 0;
    for case in manifest["cases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        if !id.starts_with("resize_image_") {
            continue;
        }
        let bytes = fs::read(folder.join(case["file"].as_str().unwrap())).unwrap();
        let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        let input = tensors
            .tensor(case["inputs"]["image"]["key"].as_str().unwrap())
            .unwrap();
        let output = tensors
            .tensor(case["outputs"]["y"]["key"].as_str().unwrap())
            .unwrap();
        let sides = |shape: &[usize]| (shape[0], shape[1]);
        let (height, width) = sides(input.shape());
        let picture =
            RgbImage::from_vec(width as u32, height as u32, input.data().to_vec()).unwrap();
        let root = tempfile::tempdir().unwrap();
        for split in ["train", "val"] {
            fs::create_dir_all(root.path().join(split).join("a")).unwrap();
            picture
                .save(root.path().join(split).join("a/0.png"))
                .unwrap();
        }
        let mut source = DatasetSource::new(DatasetName::Folder);
        source.root = Some(root.path().to_owned());
        source.size = Some(sides(output.shape()));
        let dataset = load_dataset(&source).unwrap();
        let (got, plane) = (
            dataset.test.bytes().unwrap(),
            output.shape()[0] * output.shape()[1],
        );
        let (mut largest, mut other) = (0, 0);
        for (index, &expected) in output.data().iter().enumerate() {
            let difference = got[index % 3 * plane + index / 3].abs_diff(expected);
            largest = largest.max(difference);
            other += usize::from(difference > 0);
        }
        println!(
            "{id}: largest difference {largest}, {other} of {} values differ",
            output.data().len()
        );
        assert!(largest <= 1, "{id}: {largest} levels");
        seen += 1;
    }
    seen
}
