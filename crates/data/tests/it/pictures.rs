//! Pictures of several sizes: ragged batches, decoding once, reading ahead, fingerprints.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ddrank_data::{
    DataError, Geometry, GeometryStep, ImageShape, LabelledImages, Normalisation, Pictures, Pixels,
    Prefetch, Size,
};
use image::{Rgb, RgbImage};
use tempfile::TempDir;

const SIZES: [[usize; 2]; 7] = [[3, 5], [6, 2], [4, 4], [1, 1], [5, 3], [2, 7], [4, 5]];

fn value(picture: usize, channel: usize, row: usize, column: usize) -> u8 {
    (1 + 30 * picture + 100 * channel + 7 * row + column) as u8
}

fn files() -> (TempDir, Pictures) {
    let folder = tempfile::tempdir().unwrap();
    let mut pictures = Vec::new();
    for (index, [height, width]) in SIZES.into_iter().enumerate() {
        let picture = RgbImage::from_fn(width as u32, height as u32, |x, y| {
            Rgb([0, 1, 2].map(|channel| value(index, channel, y as usize, x as usize)))
        });
        let path = folder.path().join(format!("{index}.png"));
        picture.save(&path).unwrap();
        pictures.push((path, (index % 3) as u32));
    }
    let pictures = Pictures::files(folder.path(), 3, pictures).unwrap();
    (folder, pictures)
}

fn prefetch(depth: usize) -> Prefetch {
    Prefetch { depth, threads: 2 }
}

fn geometry(pictures: &Pictures) -> Geometry {
    let size = Size::Exact {
        height: 3,
        width: 4,
    };
    pictures
        .geometry(vec![GeometryStep::Resize { size }])
        .unwrap()
}

#[test]
fn ragged_batches_are_padded_below_and_on_the_right() {
    let (_folder, files) = files();
    let decoded = files.decoded().unwrap();
    assert!(decoded.is_in_memory() && !files.is_in_memory());
    let order = [5, 0, 3, 5];
    for pictures in [&files, &decoded, &files.select(&[0, 1, 2, 3, 4, 5])] {
        let batch = pictures.ragged_batch(&order).unwrap();
        assert_eq!(batch.padded_shape().to_string(), "3x3x7");
        assert_eq!(batch.sizes(), order.map(|index| SIZES[index]));
        assert_eq!(batch.labels(), [2, 0, 0, 2]);
        assert!(!batch.is_uniform() && batch.len() == 4);
        for (place, byte) in batch.bytes().iter().enumerate() {
            let (picture, channel) = (order[place / 63], place / 21 % 3);
            let (row, column) = (place / 7 % 3, place % 7);
            let [height, width] = SIZES[picture];
            let expected = if row < height && column < width {
                value(picture, channel, row, column)
            } else {
                0
            };
            assert_eq!(*byte, expected, "picture {picture}, {row}, {column}");
        }
    }
    assert!(files.ragged_batch(&[2]).unwrap().is_uniform());
    assert!(files.ragged_batch(&[]).unwrap().is_empty());
}

#[test]
fn ragged_bytes_are_normalised_like_others() {
    let (_folder, files) = files();
    let normalisation = Normalisation::cifar10();
    let batch = files.ragged_batch(&[2, 2]).unwrap();
    let shape = ImageShape {
        channels: 3,
        height: 4,
        width: 4,
    };
    let bytes = Pixels::Bytes(batch.bytes().to_vec());
    let images = LabelledImages::new(shape, 3, bytes, batch.labels().to_vec()).unwrap();
    let expected = images.normalised(&normalisation).unwrap().into_pixels();
    let floats = batch.normalised(&normalisation).unwrap();
    assert_eq!(Pixels::Floats(floats), expected);
    let grey = Normalisation::new(vec![0.5], vec![0.5]).unwrap();
    assert!(batch.normalised(&grey).is_err());
}

#[test]
fn images_of_one_size_are_pictures_too() {
    let shape = ImageShape {
        channels: 3,
        height: 1,
        width: 2,
    };
    let bytes: Vec<u8> = (0..18).collect();
    let images = LabelledImages::new(shape, 2, Pixels::Bytes(bytes), vec![1, 0, 1]).unwrap();
    let pictures = Pictures::uniform(images.clone()).unwrap();
    let batch = pictures.ragged_batch(&[2, 0]).unwrap();
    assert_eq!(batch.bytes(), [12, 13, 14, 15, 16, 17, 0, 1, 2, 3, 4, 5]);
    assert_eq!(pictures.fingerprint().unwrap(), images.fingerprint());
    let floats = images.normalised(&Normalisation::cifar10()).unwrap();
    assert!(Pictures::uniform(floats).is_err());
    let grey = ImageShape {
        channels: 1,
        ..shape
    };
    let grey = LabelledImages::new(grey, 1, Pixels::Bytes(vec![0; 2]), vec![0]).unwrap();
    let error = Pictures::uniform(grey).unwrap_err().to_string();
    assert!(error.contains("1x1x2: expected 3 channels"), "{error}");
}

#[test]
fn what_is_read_ahead_is_what_is_asked_for() {
    let (_folder, files) = files();
    let decoded = Arc::new(files.decoded().unwrap());
    let files = Arc::new(files);
    let batches = vec![vec![6, 1], vec![0], vec![], vec![3, 3, 2], vec![5, 4]];
    let geometry = geometry(&files);
    let all = files.prepared(&geometry).unwrap();
    for pictures in [&files, &decoded] {
        assert_eq!(pictures.prepared(&geometry).unwrap(), all);
        for depth in [0, 1, 9] {
            let ragged = pictures.ragged_batches(batches.clone(), prefetch(depth));
            let ragged: Result<Vec<_>, _> = ragged.unwrap().collect();
            let direct: Result<Vec<_>, _> = batches.iter().map(|b| files.ragged_batch(b)).collect();
            assert_eq!(ragged.unwrap(), direct.unwrap());
            let sized = pictures
                .prepared_batches(batches.clone(), geometry.clone(), prefetch(depth))
                .unwrap();
            let sized: Vec<_> = sized.map(Result::unwrap).collect();
            let expected: Vec<_> = batches.iter().map(|batch| all.select(batch)).collect();
            assert_eq!(sized, expected);
        }
    }
    assert_eq!(Arc::strong_count(&files), 1);
}

#[test]
fn a_broken_picture_is_an_error_in_its_place() {
    let (folder, files) = files();
    fs::write(folder.path().join("4.png"), "broken").unwrap();
    fs::write(folder.path().join("6.png"), "broken").unwrap();
    let named = |error: DataError| {
        let error = error.to_string();
        assert!(error.contains("4.png"), "{error}");
    };
    named(files.decoded().unwrap_err());
    let geometry = geometry(&files);
    named(files.prepared(&geometry).unwrap_err());
    let files = Arc::new(files);
    let batches = vec![vec![0, 1], vec![2, 4, 6], vec![3]];
    let mut ragged = files.ragged_batches(batches, prefetch(2)).unwrap();
    assert!(ragged.next().unwrap().is_ok());
    named(ragged.next().unwrap().unwrap_err());
    assert!(ragged.next().is_none());
}

#[test]
fn dropped_batches_leave_nothing_running() {
    let (_folder, files) = files();
    let files = Arc::new(files);
    let batches = vec![vec![0; 50]; 1000];
    let mut ragged = files.ragged_batches(batches, prefetch(1)).unwrap();
    ragged.next().unwrap().unwrap();
    assert_eq!(ragged.left(), 999);
    drop(ragged);
    assert_eq!(Arc::strong_count(&files), 1);
}

#[test]
#[should_panic(expected = "position Some(7) of 7 pictures")]
fn positions_are_checked_at_once() {
    let (_folder, files) = files();
    let _ = Arc::new(files).ragged_batches(vec![vec![0], vec![7]], prefetch(1));
}

#[test]
fn long_pictures_are_shrunk_to_their_shorter_side() {
    let (_folder, files) = files();
    let shrunk = files.clone().shrunk(3).unwrap();
    let sizes = shrunk.ragged_batch(&[0, 1, 2, 4, 6]).unwrap();
    // 4 x 5 becomes 3 x floor(3 * 5 / 4).
    assert_eq!(sizes.sizes(), [[3, 5], [6, 2], [3, 3], [5, 3], [3, 3]]);
    let whole = files.select(&[0]).ragged_batch(&[0]).unwrap();
    assert_eq!(shrunk.select(&[0]).ragged_batch(&[0]).unwrap(), whole);
    assert_ne!(shrunk.fingerprint().unwrap(), files.fingerprint().unwrap());
    assert!(files.shrunk(0).is_err());
}

#[test]
fn fingerprints_tell_pictures_apart() {
    let (folder, files) = files();
    let decoded = files.decoded().unwrap();
    let prints = |pictures: &Pictures| pictures.fingerprint().unwrap();
    for pictures in [&files, &decoded] {
        assert_eq!(prints(pictures), prints(&pictures.clone()));
        assert_ne!(prints(pictures), prints(&pictures.clone().first(6)));
        let swapped = pictures.select(&[1, 0, 2, 3, 4, 5, 6]);
        assert_ne!(prints(pictures), prints(&swapped));
    }
    // The same files elsewhere are the same.
    let other = tempfile::tempdir().unwrap();
    let copied: Vec<(PathBuf, u32)> = (0..SIZES.len())
        .map(|index| {
            let path = other.path().join(format!("{index}.png"));
            fs::copy(folder.path().join(format!("{index}.png")), &path).unwrap();
            (path, (index % 3) as u32)
        })
        .collect();
    let same = Pictures::files(other.path(), 3, copied.clone()).unwrap();
    assert_eq!(prints(&same), prints(&files));
    assert_eq!(prints(&same.decoded().unwrap()), prints(&decoded));
    let labelled = copied.iter().map(|(path, _)| (path.clone(), 2)).collect();
    let labelled = Pictures::files(other.path(), 3, labelled).unwrap();
    assert_ne!(prints(&labelled), prints(&files));
    assert_ne!(prints(&labelled.decoded().unwrap()), prints(&decoded));
    RgbImage::from_pixel(9, 9, Rgb([1, 2, 3]))
        .save(other.path().join("2.png"))
        .unwrap();
    assert_ne!(prints(&same), prints(&files));
    assert_ne!(prints(&same.decoded().unwrap()), prints(&decoded));
    fs::remove_file(other.path().join("2.png")).unwrap();
    assert!(same.fingerprint().is_err());
    let wrong = Pictures::files(Path::new(""), 3, vec![(PathBuf::from("a.png"), 3)]);
    assert!(wrong.is_err());
}

#[test]
fn one_size_is_known_of_decoded_pictures_only() {
    let (_folder, files) = files();
    let same = files.select(&[2, 2]);
    assert!(!same.all_have([4, 4]), "its file is not opened");
    let decoded = same.decoded().unwrap();
    assert!(decoded.all_have([4, 4]) && !decoded.all_have([4, 5]));
    assert!(!files.decoded().unwrap().all_have([4, 4]));
    let geometry = geometry(&decoded);
    let uniform = Pictures::uniform(decoded.prepared(&geometry).unwrap()).unwrap();
    assert!(uniform.all_have([3, 4]) && !uniform.all_have([4, 4]));
}
