//! CIFAR files and folders of pictures: good ones, broken ones, and resizing against Pillow.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use ddrank_data::{
    DataError, DatasetName, DatasetSource, Normalisation, RealDataset, load_dataset,
};
use image::{DynamicImage, GrayImage, ImageBuffer, Luma, LumaA, Rgb, RgbImage, Rgba};
use tempfile::TempDir;

const BATCHES: [&str; 6] = [
    "data_batch_1",
    "data_batch_2",
    "data_batch_3",
    "data_batch_4",
    "data_batch_5",
    "test_batch",
];

fn load(name: DatasetName, root: &Path) -> Result<RealDataset, DataError> {
    load_dataset(&DatasetSource {
        root: Some(root.to_owned()),
        ..DatasetSource::new(name)
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

fn refused(name: DatasetName, root: &Path) -> String {
    shown(&load(name, root).unwrap_err())
}

/// 3072 bytes that tell which record they belong to.
fn pixels(seed: u8) -> Vec<u8> {
    (0..3072_u32)
        .map(|k| (k * 7 + u32::from(seed) * 31) as u8)
        .collect()
}

/// Binary CIFAR-10: `per_file` records per batch, labels counting up from the batch number.
fn binary_cifar10(folder: &Path, per_file: u8) {
    fs::create_dir_all(folder).unwrap();
    for (batch, name) in (0_u8..).zip(BATCHES) {
        let records =
            (0..per_file).flat_map(|k| [vec![(batch + k) % 10], pixels(batch * 10 + k)].concat());
        fs::write(
            folder.join(format!("{name}.bin")),
            records.collect::<Vec<u8>>(),
        )
        .unwrap();
    }
}

/// A pickle as Python 2 wrote the official files: 8-bit strings, a numpy array by `_reconstruct` and state.
fn pickled(label_key: &str, labels: &[u8], width: u16, data: &[u8]) -> Vec<u8> {
    fn string(out: &mut Vec<u8>, text: &[u8]) {
        out.push(b'T');
        out.extend((text.len() as u32).to_le_bytes());
        out.extend(text);
    }
    let mut out = b"\x80\x02}(".to_vec();
    string(&mut out, b"batch_label");
    string(&mut out, b"a \xff batch");
    string(&mut out, b"data");
    out.extend(b"cnumpy.core.multiarray\n_reconstruct\nq\x01cnumpy\nndarray\nq\x02K\x00\x85U\x01b\x87Rq\x03(K\x01K");
    out.push(labels.len() as u8);
    out.push(b'M');
    out.extend(width.to_le_bytes());
    out.extend(b"\x86cnumpy\ndtype\nq\x04U\x02u1K\x00K\x01\x87Rq\x05(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89");
    string(&mut out, data);
    out.extend(b"tb");
    string(&mut out, label_key.as_bytes());
    out.extend(b"](");
    for &label in labels {
        out.extend([b'K', label]);
    }
    out.push(b'e');
    string(&mut out, b"filenames");
    out.extend(b"](");
    for _ in labels {
        string(&mut out, b"a.png");
    }
    out.extend(b"eu.");
    out
}

fn pickled_cifar10(folder: &Path, per_file: u8) {
    fs::create_dir_all(folder).unwrap();
    for (batch, name) in (0_u8..).zip(BATCHES) {
        let labels: Vec<u8> = (0..per_file).map(|k| (batch + k) % 10).collect();
        let data: Vec<u8> = (0..per_file).flat_map(|k| pixels(batch * 10 + k)).collect();
        fs::write(folder.join(name), pickled("labels", &labels, 3072, &data)).unwrap();
    }
}

#[test]
fn cifar10_is_read_from_both_layouts_and_from_parents() {
    let root = tempfile::tempdir().unwrap();
    let binary = root.path().join("a/cifar-10-batches-bin");
    let python = root.path().join("b/cifar-10-batches-py");
    binary_cifar10(&binary, 3);
    pickled_cifar10(&python, 3);
    for folder in [
        &binary,
        &root.path().join("a"),
        &python,
        &root.path().join("b"),
    ] {
        let dataset = load(DatasetName::Cifar10, folder).unwrap();
        assert_eq!(
            dataset.train.labels(),
            [0, 1, 2, 1, 2, 3, 2, 3, 4, 3, 4, 5, 4, 5, 6]
        );
        assert_eq!(dataset.test.labels(), [5, 6, 7]);
        assert_eq!(
            dataset.train.bytes().unwrap()[3072 * 4..3072 * 5],
            pixels(11)
        );
        assert_eq!(dataset.test.bytes().unwrap()[..3072], pixels(50));
        assert_eq!(dataset.class_names[9], "truck");
        assert_eq!(dataset.normalisation, Normalisation::cifar10());
        assert_eq!(dataset.train.shape().to_string(), "3x32x32");
    }
}

#[test]
fn cifar100_uses_fine_labels() {
    let root = tempfile::tempdir().unwrap();
    let binary = root.path().join("cifar-100-binary");
    fs::create_dir_all(&binary).unwrap();
    for (name, fine) in [("train.bin", 99), ("test.bin", 7)] {
        fs::write(binary.join(name), [vec![3, fine], pixels(fine)].concat()).unwrap();
    }
    let python = root.path().join("other/cifar-100-python");
    fs::create_dir_all(&python).unwrap();
    for (name, fine) in [("train", 99), ("test", 7)] {
        fs::write(
            python.join(name),
            pickled("fine_labels", &[fine], 3072, &pixels(fine)),
        )
        .unwrap();
    }
    for folder in [root.path(), python.as_path()] {
        let dataset = load(DatasetName::Cifar100, folder).unwrap();
        assert_eq!(
            (dataset.train.labels(), dataset.test.labels()),
            (&[99][..], &[7][..])
        );
        assert_eq!(dataset.train.bytes().unwrap(), pixels(99));
        assert_eq!(
            (dataset.class_names.len(), dataset.class_names[99].as_str()),
            (100, "worm")
        );
    }
}

#[test]
fn missing_cifar_files_are_listed() {
    let root = tempfile::tempdir().unwrap();
    let nothing = refused(DatasetName::Cifar10, root.path());
    assert!(
        nothing.contains("no cifar10 files in") && nothing.contains("cifar-10-batches-py"),
        "{nothing}"
    );
    let folder = root.path().join("cifar-10-batches-bin");
    binary_cifar10(&folder, 1);
    fs::remove_file(folder.join("data_batch_3.bin")).unwrap();
    fs::remove_file(folder.join("test_batch.bin")).unwrap();
    let some = refused(DatasetName::Cifar10, root.path());
    assert!(
        some.ends_with("missing data_batch_3.bin, test_batch.bin"),
        "{some}"
    );
}

#[test]
fn broken_binary_files_are_named() {
    let root = tempfile::tempdir().unwrap();
    binary_cifar10(root.path(), 2);
    let file = root.path().join("data_batch_2.bin");
    for length in [0, 3072, 6145, 6147] {
        fs::write(&file, vec![0; length]).unwrap();
        let error = refused(DatasetName::Cifar10, root.path());
        assert!(error.contains("data_batch_2.bin: "), "{error}");
        assert!(
            error.contains(&format!("{length} bytes: expected a multiple of 3073")),
            "{error}"
        );
    }
    fs::write(&file, [vec![9], pixels(0), vec![10], pixels(1)].concat()).unwrap();
    let error = refused(DatasetName::Cifar10, root.path());
    assert!(
        error.ends_with("data_batch_2.bin: record 1 has label 10: expected 0 to 9"),
        "{error}"
    );
}

#[test]
fn broken_pickles_are_named_and_never_panic() {
    let root = tempfile::tempdir().unwrap();
    pickled_cifar10(root.path(), 2);
    let file = root.path().join("data_batch_4");
    let good = pickled("labels", &[1, 2], 3072, &[pixels(1), pixels(2)].concat());
    let refused_with = |bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        let error = refused(DatasetName::Cifar10, root.path());
        assert!(error.contains("data_batch_4"), "{error}");
        error
    };
    let two = [pixels(1), pixels(2)].concat();
    assert!(
        refused_with(&pickled("labels", &[1, 2], 3072, &two[1..])).contains("holds 6143 bytes")
    );
    assert!(
        refused_with(&pickled("labels", &[1, 2], 1024, &two)).contains("expected [images, 3072]")
    );
    assert!(
        refused_with(&pickled("labels", &[1, 77], 3072, &two))
            .contains("record 1 has label 77: expected 0 to 9")
    );
    assert!(refused_with(&pickled("fine_labels", &[1, 2], 3072, &two)).contains("no key `labels`"));
    assert!(refused_with(b"\x80\x02}.").contains("no key `data`"));
    assert!(refused_with(b"\x80\x02]q\x00h\x00a.").contains("not a pickled CIFAR batch"));
    assert!(refused_with(b"cos\nsystem\n(S'true'\ntR.").contains("not a pickled CIFAR batch"));
    // References that multiply: 2^40 elements if they were followed.
    let mut bomb = b"\x80\x02}(U\x01x]q\x00(K\x01K\x01e".to_vec();
    for level in 1..40 {
        bomb.extend([
            b'U',
            1,
            b'x',
            b']',
            b'q',
            level,
            b'(',
            b'h',
            level - 1,
            b'h',
            level - 1,
            b'e',
        ]);
    }
    bomb.extend(b"u.");
    refused_with(&bomb);
    for length in (0..good.len()).step_by(97) {
        refused_with(&good[..length]);
    }
    fs::write(&file, &good).unwrap();
    load(DatasetName::Cifar10, root.path()).unwrap();
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
        let dataset = load(DatasetName::Folder, root.path()).unwrap();
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
    let error = refused(DatasetName::Folder, root.path());
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
    for bad in [(0, 5), (5, 0), (5000, 5)] {
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
        refused(DatasetName::Folder, root.path())
    };
    let none = change(|root| fs::remove_dir_all(root.join("test")).unwrap());
    assert!(
        none.contains("expected train/<class>/ and test/<class>/ (or val/<class>/)"),
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
        text.contains("2.png: not a picture of a known format"),
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
        huge.contains("100000x100000 pixels: expected at most 67108864 in all"),
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
        let error = refused(DatasetName::Folder, root.path());
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
    load(DatasetName::Folder, root.path()).map(|dataset| dataset.train.bytes().unwrap().to_vec())
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
            .unwrap()
    };
    assert_eq!(single("a.jpeg", wrong).unwrap(), [1, 4, 2, 5, 3, 6]);
}

#[test]
fn animations_are_refused() {
    // A WebP header with the animation flag, and a PNG with an `acTL` chunk put in front of its data.
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
    let error = single("a.png", png).unwrap_err().to_string();
    assert!(
        error.contains("a.png: an animation: expected a picture of one frame"),
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

fn resize_cases(folder: &PathBuf) -> usize {
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
