//! Inspections and grids.
use std::path::{Path, PathBuf};

use ddrank_data::ImageShape;
use ddrank_data::inspect::{
    GridOptions, GridPixels, Histogram, InspectError, InspectOptions, Inspection, LabelSummary,
    RowKind, TensorSummary, draw_grid, draw_tensor_grid, inspect,
};
use ddrank_files::{ElementType, FileTensor, write_safetensors};
use image::{Rgb, RgbImage};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../files/tests/fixtures/files")
        .join(name)
}

#[test]
fn statistics_agree_with_closed_forms() {
    let tensor = FileTensor::from_f32(
        "x",
        vec![2, 5],
        &[
            1.0,
            2.0,
            3.0,
            4.0,
            f32::NAN,
            5.0,
            6.0,
            7.0,
            8.0,
            f32::INFINITY,
        ],
    )
    .unwrap();
    let summary = TensorSummary::of(&tensor);
    assert_eq!(
        (summary.min, summary.max, summary.mean),
        (Some(1.0), Some(8.0), Some(4.5))
    );
    assert!((summary.std.unwrap() - 5.25_f64.sqrt()).abs() < 1e-12); // (n^2 - 1) / 12
    assert_eq!((summary.nan, summary.infinite), (1, 1));
    assert_eq!(summary.labels, None);
    assert_eq!(
        (summary.shape, summary.element),
        (vec![2, 5], ElementType::F32)
    );
    let nothing = TensorSummary::of(&FileTensor::from_f32("x", vec![0], &[]).unwrap());
    assert_eq!(
        (nothing.min, nothing.mean, nothing.std, nothing.labels),
        (None, None, None, None)
    );
    // A mean far from zero costs no digits.
    let far: Vec<f32> = (0..1000).map(|i| 16_000_000.0 + (i % 2) as f32).collect();
    let far = TensorSummary::of(&FileTensor::from_f32("x", vec![1000], &far).unwrap());
    assert!((far.std.unwrap() - 0.5).abs() < 1e-9);
}

#[test]
fn labels_are_recognised() {
    let labels = |shape: Vec<usize>, values: &[f32]| {
        TensorSummary::of(&FileTensor::from_f32("x", shape, values).unwrap()).labels
    };
    let hard = |h: &[usize]| {
        Some(LabelSummary::Hard {
            histogram: Histogram(h.to_vec()),
        })
    };
    let soft = |rows, h: &[usize]| {
        Some(LabelSummary::Soft {
            rows,
            histogram: Histogram(h.to_vec()),
        })
    };
    assert_eq!(labels(vec![4], &[0.0, 2.0, 2.0, 0.0]), hard(&[2, 0, 2]));
    assert_eq!(labels(vec![2, 1], &[0.0, 1.0]), hard(&[1, 1]));
    assert_eq!(labels(vec![2], &[0.5, 1.0]), None);
    assert_eq!(labels(vec![2], &[-1.0, 1.0]), None);
    assert_eq!(
        labels(vec![2, 2], &[0.0, 1.0, 1.0, 0.0]),
        soft(RowKind::OneHot, &[1, 1])
    );
    assert_eq!(
        labels(vec![2, 2], &[0.3, 0.7, 0.2, 0.8]),
        soft(RowKind::Probabilities, &[0, 2])
    );
    assert_eq!(
        labels(vec![2, 2], &[3.0, -1.0, 0.2, 0.8]),
        soft(RowKind::Logits, &[1, 1])
    );
    assert_eq!(labels(vec![1, 1, 2], &[0.0, 1.0]), None);
}

#[test]
fn a_file_becomes_a_table_and_json() {
    let found = inspect(&fixture("dict-zip.pt"), &InspectOptions::default()).unwrap();
    let text = found.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0].ends_with("dict-zip.pt: PyTorch (zip), 2 tensors"),
        "{text}"
    );
    assert_eq!(
        lines[2..5],
        [
            "name    shape   type      min     max    mean     std  nan  inf",
            "images  [2, 3]  f32   -1.5000  2.2500  0.3750  1.2809    0    0",
            "labels  [3]     i64         1       3       2  0.8165    0    0",
        ]
    );
    assert!(
        text.contains("labels\n  as class indices: 4 classes; 0: 0 1: 1 2: 1 3: 1"),
        "{text}"
    );
    assert!(
        text.contains("not tensors:\n  epoch: the number 7\n  note: a text"),
        "{text}"
    );
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(json["kind"], "file");
    assert_eq!(json["format"], "torch-zip");
    assert_eq!(
        json["tensors"][1]["labels"]["histogram"],
        serde_json::json!([0, 1, 1, 1])
    );

    let options = InspectOptions {
        key: Some("labels".to_owned()),
        ..InspectOptions::default()
    };
    let Inspection::File(one) = inspect(&fixture("dict-zip.pt"), &options).unwrap() else {
        panic!("a file")
    };
    assert_eq!(one.tensors.len(), 1);
    let options = InspectOptions {
        key: Some("nothing".to_owned()),
        ..InspectOptions::default()
    };
    assert!(matches!(
        inspect(&fixture("dict-zip.pt"), &options),
        Err(InspectError::File(_))
    ));
}

#[test]
fn a_folder_is_counted_with_its_odd_and_broken_files() {
    let root = tempfile::tempdir().unwrap();
    for (class, count) in [("a", 2), ("b", 1)] {
        std::fs::create_dir(root.path().join(class)).unwrap();
        for i in 0..count {
            RgbImage::new(4, 3)
                .save(root.path().join(class).join(format!("{i}.png")))
                .unwrap();
        }
    }
    RgbImage::new(5, 3)
        .save(root.path().join("b/9.bmp"))
        .unwrap();
    std::fs::write(root.path().join("b/broken.jpg"), "no image").unwrap();
    std::fs::write(root.path().join("readme.txt"), "x").unwrap();
    let found = inspect(root.path(), &InspectOptions::default()).unwrap();
    let Inspection::Folder(folder) = &found else {
        panic!("a folder")
    };
    let counts: Vec<_> = folder
        .classes
        .iter()
        .map(|c| (c.name.as_str(), c.images))
        .collect();
    assert_eq!(counts, [("a", 2), ("b", 3)]);
    let sizes: Vec<_> = folder
        .sizes
        .iter()
        .map(|s| (s.width, s.height, s.images))
        .collect();
    assert_eq!(sizes, [(4, 3, 3), (5, 3, 1)]);
    assert_eq!((folder.broken_count, folder.odd_count), (1, 1));
    let text = found.to_string();
    for part in [
        "2 classes, 5 images",
        "4x3: 3 images",
        "broken.jpg: the content is not an image",
        "readme.txt",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(serde_json::to_value(&found).unwrap()["kind"], "folder");
    let options = InspectOptions {
        key: Some("x".to_owned()),
        ..InspectOptions::default()
    };
    assert!(matches!(
        inspect(root.path(), &options),
        Err(InspectError::KeyOfFolder { .. })
    ));
}

const SHAPE: ImageShape = ImageShape {
    channels: 3,
    height: 1,
    width: 2,
};

#[test]
fn bytes_are_drawn_as_they_are() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("grid.png");
    // Three images of two pixels, plane by plane.
    let pixels: Vec<u8> = (1..=18).collect();
    let options = GridOptions {
        columns: Some(2),
        ..GridOptions::default()
    };
    let drawn = draw_grid(GridPixels::Bytes(&pixels), SHAPE, &options, &path).unwrap();
    assert_eq!(
        (
            drawn.columns,
            drawn.rows,
            drawn.drawn,
            drawn.images,
            drawn.scale
        ),
        (2, 2, 3, 3, 48)
    );
    let picture = image::open(&path).unwrap().into_rgb8();
    assert_eq!(picture.dimensions(), (2 * 98 + 2, 2 * 50 + 2));
    assert_eq!(picture.get_pixel(0, 0), &Rgb([255; 3]));
    assert_eq!(picture.get_pixel(2, 2), &Rgb([1, 3, 5]));
    assert_eq!(picture.get_pixel(49, 49), &Rgb([1, 3, 5]));
    assert_eq!(picture.get_pixel(50, 2), &Rgb([2, 4, 6]));
    assert_eq!(picture.get_pixel(100, 2), &Rgb([7, 9, 11]));
    assert_eq!(picture.get_pixel(2, 52), &Rgb([13, 15, 17]));
    assert_eq!(picture.get_pixel(101, 60), &Rgb([255; 3])); // no fourth image
    assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 1);
}

#[test]
fn floats_are_stretched_between_percentiles() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("grid.png");
    // 0 to 100 with outliers and what is not finite: percentiles are taken of finite values.
    let mut values: Vec<f32> = (0..=100).map(|i| i as f32).collect();
    values.extend([f32::NAN]);
    let shape = ImageShape {
        channels: 1,
        height: 1,
        width: 102,
    };
    let drawn = draw_grid(
        GridPixels::Floats(&values),
        shape,
        &GridOptions::default(),
        &path,
    )
    .unwrap();
    assert_eq!(drawn.range, Some((1.0, 99.0)));
    assert_eq!(drawn.scale, 1);
    let picture = image::open(&path).unwrap().into_rgb8();
    assert_eq!(picture.get_pixel(2, 2), &Rgb([0; 3]));
    assert_eq!(picture.get_pixel(2 + 50, 2), &Rgb([128; 3]));
    assert_eq!(picture.get_pixel(2 + 100, 2), &Rgb([255; 3]));
    assert_eq!(picture.get_pixel(2 + 101, 2), &Rgb([255, 0, 255]));
    // One value everywhere is grey.
    let flat = FileTensor::from_f32("x", vec![1, 3, 2, 2], &[7.0; 12]).unwrap();
    draw_tensor_grid(&flat, &GridOptions::default(), &path).unwrap();
    assert_eq!(
        image::open(&path).unwrap().into_rgb8().get_pixel(5, 5),
        &Rgb([128; 3])
    );
}

#[test]
fn rows_are_classes_and_the_picture_stays_in_bounds() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("grid.png");
    let pixels: Vec<u8> = (0..50).flat_map(|i| [i; 6]).collect();
    let options = GridOptions {
        labels: Some((0..50).map(|i| i % 5).collect()),
        max_columns: 4,
        max_rows: 3,
        ..GridOptions::default()
    };
    let drawn = draw_grid(GridPixels::Bytes(&pixels), SHAPE, &options, &path).unwrap();
    assert_eq!(
        (drawn.columns, drawn.rows, drawn.drawn, drawn.images),
        (4, 3, 12, 50)
    );
    let picture = image::open(&path).unwrap().into_rgb8();
    let (step_x, step_y) = (2 * drawn.scale as u32 + 2, drawn.scale as u32 + 2);
    for (row, column) in [(0, 0), (1, 3), (2, 2)] {
        let image = (column * 5 + row) as u8;
        assert_eq!(
            picture.get_pixel(2 + column * step_x, 2 + row * step_y),
            &Rgb([image; 3])
        );
    }
    // With columns, the rows of a set in class order are classes, cut to the width.
    let options = GridOptions {
        columns: Some(10),
        max_columns: 4,
        ..GridOptions::default()
    };
    let drawn = draw_grid(GridPixels::Bytes(&pixels), SHAPE, &options, &path).unwrap();
    assert_eq!((drawn.columns, drawn.rows, drawn.drawn), (4, 5, 20));
    let picture = image::open(&path).unwrap().into_rgb8();
    let step_y = drawn.scale as u32 + 2;
    assert_eq!(picture.get_pixel(2, 2 + step_y), &Rgb([10; 3]));
    let wide = vec![0; 3 * 1000 * 1000 * 9];
    let shape = ImageShape {
        channels: 3,
        height: 1000,
        width: 1000,
    };
    let drawn = draw_grid(
        GridPixels::Bytes(&wide),
        shape,
        &GridOptions {
            columns: Some(9),
            ..GridOptions::default()
        },
        &path,
    )
    .unwrap();
    assert_eq!((drawn.columns, drawn.scale), (8, 1));
}

#[test]
fn what_is_not_a_set_of_images_is_not_drawn() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("grid.png");
    let draw = |shape: Vec<usize>, options: &GridOptions| {
        let values = vec![0.0; shape.iter().product()];
        draw_tensor_grid(
            &FileTensor::from_f32("x", shape, &values).unwrap(),
            options,
            &path,
        )
    };
    for shape in [
        vec![2, 3],
        vec![2, 2, 2, 2],
        vec![0, 3, 2, 2],
        vec![2, 3, 0, 2],
        vec![1, 1, 1, 9000],
    ] {
        assert!(
            matches!(
                draw(shape.clone(), &GridOptions::default()),
                Err(InspectError::NotImages { .. })
            ),
            "{shape:?}"
        );
    }
    let labels = GridOptions {
        labels: Some(vec![0]),
        ..GridOptions::default()
    };
    assert!(matches!(
        draw(vec![2, 3, 2, 2], &labels),
        Err(InspectError::WrongLength { what: "labels", .. })
    ));
    for (columns, rows) in [(0, 1), (1, 0)] {
        let options = GridOptions {
            max_columns: columns,
            max_rows: rows,
            ..GridOptions::default()
        };
        assert!(matches!(
            draw(vec![2, 3, 2, 2], &options),
            Err(InspectError::EmptyGrid { .. })
        ));
    }
    let odd = draw_grid(
        GridPixels::Bytes(&[0; 7]),
        SHAPE,
        &GridOptions::default(),
        &path,
    );
    assert!(matches!(
        odd,
        Err(InspectError::WrongLength {
            what: "pixels",
            seen: 7,
            expected: 6
        })
    ));
    assert!(!path.exists());
    let nowhere = draw_grid(
        GridPixels::Bytes(&[0; 6]),
        SHAPE,
        &GridOptions::default(),
        Path::new("/nowhere/x.png"),
    );
    assert!(matches!(nowhere, Err(InspectError::Write { .. })));
}

#[test]
fn safetensors_written_here_are_inspected() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("x.safetensors");
    write_safetensors(
        &path,
        &[FileTensor::from_i64("y", vec![4], &[0, 1, 1, 0]).unwrap()],
    )
    .unwrap();
    let text = inspect(&path, &InspectOptions::default())
        .unwrap()
        .to_string();
    assert!(text.contains("2 classes with 2 each"), "{text}");
}
