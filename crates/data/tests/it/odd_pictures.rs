//! Odd pictures in folders: decoded as Pillow does, or an error that names the file. Fixtures by `fixtures/odd/make.py`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "test helpers may panic"
)]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use ddrank_data::{DataError, DatasetName, DatasetSource, load_dataset, open_dataset};
use image::{ImageFormat, Rgb, RgbImage};
use serde::Deserialize;
use tempfile::TempDir;

#[derive(Deserialize)]
struct Expected {
    shape: [usize; 3],
    pixels: Vec<u8>,
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/odd")
}

/// A folder dataset with one class and the test split `test/only/0.ppm`.
struct Dataset(TempDir);

impl Dataset {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        for split in ["train", "test"] {
            fs::create_dir_all(root.path().join(split).join("only")).unwrap();
        }
        let dataset = Self(root);
        let test = dataset.0.path().join("test/only/0.ppm");
        RgbImage::from_pixel(3, 3, Rgb([1, 2, 3]))
            .save(test)
            .unwrap();
        dataset
    }

    /// Where a training picture lies.
    fn place(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.path().join("train/only").join(name)
    }

    fn source(&self) -> DatasetSource {
        DatasetSource {
            root: Some(self.0.path().to_owned()),
            ..DatasetSource::new(DatasetName::Folder)
        }
    }

    /// Height, width and planes of the only training picture.
    fn only(&self) -> Result<([usize; 2], Vec<u8>), DataError> {
        let batch = open_dataset(&self.source())?.train.ragged_batch(&[0])?;
        Ok((batch.sizes()[0], batch.bytes().to_vec()))
    }

    fn refused(&self) -> String {
        let error = self.only().unwrap_err();
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        text
    }
}

fn with(name: &str, bytes: &[u8]) -> Dataset {
    let dataset = Dataset::new();
    fs::write(dataset.place(name), bytes).unwrap();
    dataset
}

#[test]
fn what_pillow_reads_is_read_alike() {
    let text = fs::read_to_string(fixtures().join("expected.json")).unwrap();
    let expected: BTreeMap<String, Expected> = serde_json::from_str(&text).unwrap();
    assert_eq!(expected.len(), 11);
    for (name, expected) in expected {
        let dataset = with(&name, &fs::read(fixtures().join(&name)).unwrap());
        let (size, planes) = dataset.only().unwrap();
        assert_eq!(size, expected.shape[..2], "{name}");
        let plane = size[0] * size[1];
        let differences: Vec<u8> = (expected.pixels.iter().enumerate())
            .map(|(index, pixel)| planes[index % 3 * plane + index / 3].abs_diff(*pixel))
            .collect();
        let largest = *differences.iter().max().unwrap();
        let mean = differences.iter().map(|&d| f64::from(d)).sum::<f64>() / planes.len() as f64;
        println!("{name}: largest difference {largest}, mean {mean:.3}");
        // Decoders of lossy formats round and interpolate colours differently.
        let allowed = if name.ends_with(".jpg") || name.ends_with(".webp") {
            (6, 1.0)
        } else {
            (0, 0.0)
        };
        assert!(
            largest <= allowed.0 && mean <= allowed.1,
            "{name}: {largest} levels, mean {mean}"
        );
    }
}

#[test]
fn several_pictures_in_a_file_are_refused() {
    for name in ["moving.webp", "moving.png", "pages.tif"] {
        let dataset = with(name, &fs::read(fixtures().join(name)).unwrap());
        let error = dataset.refused();
        assert!(
            error.contains(name) && error.contains("several images"),
            "{error}"
        );
    }
    // Files named .gif are passed over; under another name they are seen for what they are.
    for name in ["moving.gif", "still.gif"] {
        let bytes = fs::read(fixtures().join(name)).unwrap();
        let error = with("a.png", &bytes).refused();
        assert!(error.contains("a.png") && error.contains("GIF"), "{error}");
        let error = with(name, &bytes).refused();
        assert!(error.contains("a class without pictures"), "{error}");
    }
}

/// Pillow reads it, this crate does not.
#[test]
fn palettes_in_tiff_files_are_refused() {
    let bytes = fs::read(fixtures().join("palette.tif")).unwrap();
    let error = with("a.tif", &bytes).refused();
    assert!(
        error.contains("a.tif") && error.contains("RGBPalette"),
        "{error}"
    );
}

/// A picture that was cut off is an error, or nothing of its pixels is missing.
#[test]
fn cut_off_files_are_never_half_pictures() {
    let picture = RgbImage::from_fn(5, 4, |x, y| Rgb([x as u8 * 40, y as u8 * 50, 99]));
    for (format, name) in [
        (ImageFormat::Jpeg, "a.jpg"),
        (ImageFormat::Png, "a.png"),
        (ImageFormat::WebP, "a.webp"),
        (ImageFormat::Bmp, "a.bmp"),
        (ImageFormat::Tiff, "a.tif"),
        (ImageFormat::Pnm, "a.ppm"),
    ] {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        let bytes = bytes.into_inner();
        let (_, whole) = with(name, &bytes).only().unwrap();
        let dataset = with(name, &bytes);
        for length in 0..bytes.len() {
            fs::write(dataset.place(name), &bytes[..length]).unwrap();
            match dataset.only() {
                Ok((_, pixels)) => assert_eq!(pixels, whole, "{length} bytes of {name}"),
                Err(error) => assert!(error.to_string().contains(name), "{error}"),
            }
        }
        // Half of it is always too little.
        fs::write(dataset.place(name), &bytes[..bytes.len() / 2]).unwrap();
        assert!(dataset.only().is_err(), "{name}");
    }
    let progressive = fs::read(fixtures().join("progressive.jpg")).unwrap();
    let error = with("a.jpg", &progressive[..progressive.len() - 30]).refused();
    assert!(error.contains("a.jpg: the file is cut off"), "{error}");
}

#[test]
fn what_is_no_picture_is_named() {
    let error = with("a.png", b"").refused();
    assert!(
        error.contains("a.png") && error.contains("is empty"),
        "{error}"
    );
    let error = with("a.png", b"not a picture at all").refused();
    assert!(error.contains("is not an image; expected"), "{error}");
    let error = with("a.jpg", &[0xff, 0xd8, 0xff, 0xe0]).refused();
    assert!(error.contains("a.jpg: the file is cut off"), "{error}");
    // A PNG of 60000 x 60000 pixels by its header: refused before memory is taken.
    let mut png = fs::read(fixtures().join("bits.png")).unwrap();
    png[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let error = with("a.png", &png).refused();
    assert!(
        error.contains("a.png") && (error.contains("60000x60000") || error.contains("damaged")),
        "{error}"
    );
    let error = with("a.ppm", b"P6\n60000 60000\n255\nabc").refused();
    assert!(error.contains("60000x60000 pixels, allowed"), "{error}");
}

#[test]
fn hidden_files_and_other_files_are_passed_over() {
    let dataset = Dataset::new();
    for hidden in [
        ".a.png",
        "._0.ppm",
        "notes.txt",
        "Thumbs.db",
        "no_extension",
    ] {
        fs::write(dataset.place(hidden), "junk").unwrap();
    }
    fs::create_dir(dataset.place(".ipynb_checkpoints")).unwrap();
    fs::write(dataset.place(".ipynb_checkpoints/a.png"), "junk").unwrap();
    fs::create_dir(dataset.0.path().join("train/.hidden")).unwrap();
    fs::write(dataset.0.path().join("train/loose.png"), "junk").unwrap();
    RgbImage::from_pixel(3, 3, Rgb([4, 5, 6]))
        .save(dataset.place("b.ppm"))
        .unwrap();
    let loaded = load_dataset(&dataset.source()).unwrap();
    assert_eq!((loaded.train.len(), loaded.test.len()), (1, 1));
    assert_eq!(loaded.class_names, ["only"]);
    // A folder with the name of a picture is a folder.
    fs::create_dir(dataset.place("c.png")).unwrap();
    fs::copy(dataset.place("b.ppm"), dataset.place("c.png/inner.ppm")).unwrap();
    assert_eq!(load_dataset(&dataset.source()).unwrap().train.len(), 2);
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    #[test]
    fn names_need_not_be_text() {
        let dataset = Dataset::new();
        let name = OsStr::from_bytes(b"\xff\xfe picture.ppm");
        let source = dataset.0.path().join("test/only/0.ppm");
        fs::copy(&source, dataset.place(name)).unwrap();
        assert_eq!(load_dataset(&dataset.source()).unwrap().train.len(), 1);
        fs::write(dataset.place(name), "broken").unwrap();
        assert!(dataset.refused().contains("picture.ppm"));
        // Classes are shown to people and matched between splits.
        let class = OsStr::from_bytes(b"\xff\xfe");
        fs::create_dir(dataset.0.path().join("train").join(class)).unwrap();
        let error = dataset.refused();
        assert!(
            error.contains("the class name is not valid UTF-8"),
            "{error}"
        );
    }

    #[test]
    fn links_are_followed_and_loops_end() {
        let dataset = Dataset::new();
        let source = dataset.0.path().join("test/only/0.ppm");
        symlink(&source, dataset.place("linked.ppm")).unwrap();
        symlink(dataset.0.path().join("test"), dataset.place("folder")).unwrap();
        assert_eq!(load_dataset(&dataset.source()).unwrap().train.len(), 2);
        symlink(dataset.0.path().join("train"), dataset.place("loop")).unwrap();
        let error = dataset.refused();
        assert!(
            error.contains("more than 8 folders inside each other") && error.contains("a link"),
            "{error}"
        );
        fs::remove_file(dataset.place("loop")).unwrap();
        symlink("nowhere.png", dataset.place("0.png")).unwrap();
        let error = dataset.refused();
        assert!(
            error.contains("cannot read") && error.contains("0.png"),
            "{error}"
        );
    }

    #[test]
    fn pipes_are_not_waited_for() {
        let dataset = Dataset::new();
        let made = std::process::Command::new("mkfifo")
            .arg(dataset.place("a.png"))
            .status();
        if !made.is_ok_and(|status| status.success()) {
            return;
        }
        let error = dataset.refused();
        assert!(
            error.contains("a.png") && error.contains("this is not a file"),
            "{error}"
        );
    }
}
