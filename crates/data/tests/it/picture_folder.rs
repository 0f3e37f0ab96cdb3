//! Image folders whose pictures are decoded when they are asked for.

use std::path::Path;

use ddrank_data::synthetic::{SyntheticPixels, SyntheticSource, load_synthetic};
use ddrank_data::{ImageShape, PictureFolder};
use image::{Rgb, RgbImage};

fn draw(path: &Path, width: u32, height: u32, salt: u32) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    RgbImage::from_fn(width, height, |x, y| {
        let value = (salt * 97 + x * 31 + y * 57) % 251;
        Rgb([value as u8, (value / 2) as u8, (250 - value) as u8])
    })
    .save(path)
    .unwrap();
}

#[test]
fn pictures_come_in_the_order_of_a_distilled_set() {
    let folder = tempfile::tempdir().unwrap();
    // "10" sorts before "2".
    for (salt, name) in ["2/b.png", "10/x.bmp", "2/a.png", "10/y.png"]
        .iter()
        .enumerate()
    {
        draw(&folder.path().join(name), 6, 5, salt as u32);
    }
    std::fs::write(folder.path().join("notes.txt"), "odd").unwrap();
    let pictures = PictureFolder::open(folder.path(), None).unwrap();
    let shape = ImageShape {
        channels: 3,
        height: 5,
        width: 6,
    };
    assert_eq!((pictures.len(), pictures.shape()), (4, shape));
    assert_eq!(pictures.classes(), ["10", "2"]);
    assert_eq!(pictures.labels(), [0, 0, 1, 1]);
    assert_eq!(pictures.odd(), [folder.path().join("notes.txt")]);

    let (set, _) = load_synthetic(&SyntheticSource {
        class_names: ["10", "2"].map(str::to_owned).to_vec(),
        ..SyntheticSource::new(folder.path(), 2, 2, shape)
    })
    .unwrap();
    let SyntheticPixels::Encoded(expected) = set.pixels else {
        unreachable!("folders are bytes")
    };
    let all = pictures.load(&[0, 1, 2, 3]).unwrap();
    assert_eq!(all.bytes().unwrap(), expected);
    assert_eq!(all.labels(), set.labels.hard());
    let some = pictures.load(&[3, 1]).unwrap();
    let one = |index: usize| &expected[index * shape.len()..(index + 1) * shape.len()];
    assert_eq!(some.bytes().unwrap(), [one(3), one(1)].concat());
}

#[test]
fn pictures_are_resized_where_a_size_is_given() {
    let folder = tempfile::tempdir().unwrap();
    RgbImage::from_pixel(9, 4, Rgb([10, 20, 30]))
        .save(folder.path().join("x.png"))
        .unwrap();
    std::fs::create_dir(folder.path().join("a")).unwrap();
    std::fs::rename(folder.path().join("x.png"), folder.path().join("a/x.png")).unwrap();
    draw(&folder.path().join("b/y.png"), 3, 2, 1);
    let pictures = PictureFolder::open(folder.path(), Some([2, 3])).unwrap();
    let both = pictures.load(&[0, 1]).unwrap();
    let bytes = both.bytes().unwrap();
    assert_eq!(bytes[..18], [[10; 6], [20; 6], [30; 6]].concat());
    // The size it has already: nothing is resampled.
    assert_eq!(bytes[18], 97);

    let mixed = PictureFolder::open(folder.path(), None).unwrap();
    let error = mixed.load(&[0, 1]).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap();
    let error = format!("{error}: {cause}");
    for part in ["y.png", "2x3", "4x9"] {
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn folders_without_usable_pictures_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let open = |size| PictureFolder::open(folder.path(), size);
    let error = open(None).unwrap_err().to_string();
    assert!(error.contains("no pictures"), "{error}");
    // Pictures that lie in no class folder.
    draw(&folder.path().join("flat.png"), 2, 2, 0);
    assert!(open(None).is_err());

    std::fs::create_dir(folder.path().join("a")).unwrap();
    std::fs::write(folder.path().join("a/broken.png"), "nothing").unwrap();
    let error = open(None).unwrap_err().to_string();
    assert!(error.contains("broken.png"), "{error}");
    let error = open(Some([2, 2]))
        .unwrap()
        .load(&[0])
        .unwrap_err()
        .to_string();
    assert!(error.contains("broken.png"), "{error}");

    let nowhere = PictureFolder::open(&folder.path().join("nowhere"), None).unwrap_err();
    assert!(nowhere.to_string().contains("nowhere"), "{nowhere}");
}
