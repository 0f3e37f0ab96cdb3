//! Pictures of several sizes in one padded batch: each gets what it would get alone.

use burn::tensor::{Device, Tensor, TensorData};
use ddrank_augment::{Augmentation, AugmentationDraws, RandomCropDraws, Transform};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

fn list(text: &str) -> Augmentation {
    toml::from_str::<toml::Table>(&format!("list = {text}"))
        .unwrap()
        .remove("list")
        .unwrap()
        .try_into()
        .unwrap()
}

/// The value of a pixel of a picture.
fn value(picture: usize, channel: usize, row: usize, column: usize) -> f32 {
    let seed = (picture * 7919 + channel * 104_729 + row * 1_299_709 + column * 15_485_863) as u32;
    (seed.wrapping_mul(2_654_435_761) >> 8) as f32 / (1 << 24) as f32 - 0.5
}

/// A batch with garbage in its padding.
fn padded(sizes: &[[usize; 2]], height: usize, width: usize) -> Tensor<4> {
    let mut values = Vec::new();
    for (picture, &[rows, columns]) in sizes.iter().enumerate() {
        for channel in 0..3 {
            for row in 0..height {
                for column in 0..width {
                    let inside = row < rows && column < columns;
                    values.push(if inside {
                        value(picture, channel, row, column)
                    } else {
                        1e4
                    });
                }
            }
        }
    }
    let shape = [sizes.len(), 3, height, width];
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

fn alone(picture: usize, [height, width]: [usize; 2]) -> Tensor<4> {
    let at = |channel, row, column| value(picture, channel, row, column);
    let values: Vec<f32> = (0..3 * height * width)
        .map(|index| {
            at(
                index / (height * width),
                index / width % height,
                index % width,
            )
        })
        .collect();
    Tensor::from_data(
        TensorData::new(values, [1, 3, height, width]),
        &Device::flex(),
    )
}

/// The draws of one picture of the batch.
fn of_one(draws: &AugmentationDraws, picture: usize) -> AugmentationDraws {
    use AugmentationDraws as Draws;
    match draws {
        Draws::ResizeCrop(boxes) => Draws::ResizeCrop(vec![boxes[picture]]),
        Draws::RandomCrop(places) => Draws::RandomCrop(RandomCropDraws {
            top: vec![places.top[picture]],
            left: vec![places.left[picture]],
        }),
        Draws::Flip(flips) => Draws::Flip(vec![flips[picture]]),
        Draws::PatchShuffle(orders) => Draws::PatchShuffle(vec![orders[picture].clone()]),
        Draws::Sequence(steps) => {
            Draws::Sequence(steps.iter().map(|step| of_one(step, picture)).collect())
        }
        same => same.clone(),
    }
}

fn values(images: Tensor<4>) -> Vec<f32> {
    images.into_data().try_to_vec().unwrap()
}

const LISTS: [&str; 11] = [
    r#"{ name = "resize-crop", size = [9, 12] }"#,
    r#"{ name = "resize", size = [10, 7] }"#,
    r#"{ name = "center-crop", size = [8, 11] }"#,
    r#"{ name = "random-crop", size = 8, padding = 4 }"#,
    r#"{ name = "random-crop", size = [7, 9], padding = 5, fill = [-0.5, 0.25, 2.0] }"#,
    // EDC's list.
    r#"[{ name = "patch-shuffle", factor = 2 }, { name = "resize-crop", size = 8, scale = [0.5, 1] }, { name = "flip" },
        { name = "normalize", mean = [0.1, 0.2, 0.3], std = [0.5, 0.6, 0.7] }]"#,
    // ImageNet's test list.
    r#"[{ name = "resize", size = 9 }, { name = "center-crop", size = 8 }]"#,
    r#"[{ name = "resize", size = 5 }, { name = "random-crop", size = 5 }]"#,
    r#"[{ name = "flip", p = 0.7 }, { name = "normalize", mean = [1, 2, 3], std = [1, 2, 4] },
        { name = "none" }, { name = "center-crop", size = 5 }]"#,
    r#"[{ name = "patch-shuffle", factor = 3 }, { name = "flip" }, { name = "resize", size = [6, 6] }]"#,
    r#"[[{ name = "flip" }, { name = "resize", size = 4 }], { name = "center-crop", size = 20 },
        { name = "flip" }]"#,
];

const SIZES: [[usize; 2]; 6] = [[12, 7], [5, 16], [8, 8], [20, 6], [3, 4], [9, 30]];

#[test]
fn every_picture_gets_what_it_would_get_alone() {
    for text in LISTS {
        let augmentation = list(text);
        let [channels, height, width] = augmentation.output_shape_ragged(3).unwrap();
        let mut generator = ChaCha8Rng::seed_from_u64(7);
        let draws = augmentation.draw_ragged(3, &SIZES, &mut generator);
        let got = augmentation.apply_ragged(padded(&SIZES, 20, 30), &SIZES, &draws);
        assert_eq!(got.dims(), [SIZES.len(), channels, height, width], "{text}");
        let got = values(got);
        for (picture, size) in SIZES.into_iter().enumerate() {
            let expected =
                values(augmentation.apply(alone(picture, size), &of_one(&draws, picture)));
            let one = channels * height * width;
            let got = &got[picture * one..(picture + 1) * one];
            for (got, expected) in got.iter().zip(&expected) {
                assert!(
                    (got - expected).abs() < 1e-5,
                    "{got} instead of {expected} in picture {picture}: {text}"
                );
            }
        }
        // Draw and apply in one, from a batch with more padding than it needs.
        let mut generator = ChaCha8Rng::seed_from_u64(7);
        let both = augmentation.augment_ragged(padded(&SIZES, 23, 31), &SIZES, &mut generator);
        assert_eq!(values(both.unwrap()), got, "{text}");
    }
}

#[test]
fn pictures_of_one_size_draw_and_get_the_same_as_ever() {
    for text in LISTS {
        let augmentation = list(text);
        let sizes = [[12, 9]; 4];
        let (mut one, mut other) = (ChaCha8Rng::seed_from_u64(3), ChaCha8Rng::seed_from_u64(3));
        let expected = augmentation.augment(padded(&sizes, 12, 9), &mut one);
        let got = augmentation.augment_ragged(padded(&sizes, 12, 9), &sizes, &mut other);
        assert_eq!(values(got.unwrap()), values(expected), "{text}");
        assert_eq!(one.next_u64(), other.next_u64(), "{text}");
        let mut generator = ChaCha8Rng::seed_from_u64(3);
        let draws = augmentation.draw_ragged(3, &sizes, &mut generator);
        let mut generator = ChaCha8Rng::seed_from_u64(3);
        assert_eq!(
            draws,
            augmentation.draw([4, 3, 12, 9], &mut generator),
            "{text}"
        );
    }
}

#[test]
fn lists_that_keep_several_sizes_are_refused() {
    let refused = |text: &str| {
        let error = list(text).output_shape_ragged(3).unwrap_err();
        let mut generator = ChaCha8Rng::seed_from_u64(0);
        let images = padded(&SIZES, 20, 30);
        let at_work = list(text).augment_ragged(images, &SIZES, &mut generator);
        assert_eq!(at_work.unwrap_err(), error);
        error.to_string()
    };
    for (text, expected) in [
        (
            r#"{ name = "none" }"#,
            "`none` does not give them one: add `resize-crop`",
        ),
        (
            r#"{ name = "resize", size = 8 }"#,
            "`resize, shorter side 8` does not give them one",
        ),
        (
            r#"[{ name = "flip" }, { name = "patch-shuffle", factor = 2 }]"#,
            "several sizes",
        ),
        (r#"{ name = "dsa" }"#, "needs images of one size"),
        (
            r#"[{ name = "flip" }, { name = "cutmix" }, { name = "resize-crop", size = 8 }]"#,
            "transform 2: `CutMix",
        ),
        (
            r#"[{ name = "mixup" }, { name = "resize-crop", size = 8 }]"#,
            "transform 1: `Mixup",
        ),
        (
            r#"[{ name = "gaussian-noise" }, { name = "resize-crop", size = 8 }]"#,
            "put `resize-crop`",
        ),
        (
            r#"[{ name = "normalize", mean = [1], std = [1] }, { name = "resize-crop", size = 8 }]"#,
            "for 1 channels",
        ),
        (
            r#"{ name = "random-crop", size = 8, fill = [1, 2] }"#,
            "`fill` has 2 numbers",
        ),
    ] {
        let error = refused(text);
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn what_follows_one_size_needs_nothing_special() {
    let augmentation = list(
        r#"[{ name = "resize-crop", size = 8 }, { name = "dsa", mode = "M" }, { name = "gaussian-noise" },
            { name = "cutmix" }]"#,
    );
    assert_eq!(augmentation.output_shape_ragged(3).unwrap(), [3, 8, 8]);
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let images = padded(&SIZES, 20, 30);
    let (got, mixing) = augmentation
        .augment_ragged_with_mixing(images, &SIZES, &mut generator)
        .unwrap();
    assert_eq!(got.dims(), [6, 3, 8, 8]);
    assert!(values(got).iter().all(|value| value.abs() < 1e3));
    assert_eq!(mixing.unwrap().partners.len(), 6);
}

#[test]
fn pictures_that_do_not_fit_are_errors() {
    let augmentation = list(r#"{ name = "random-crop", size = 8, padding = 2 }"#);
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let images = padded(&SIZES, 20, 30);
    let error = augmentation
        .augment_ragged(images, &SIZES, &mut generator)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("random-crop") && error.contains("3 x 3 x 4"),
        "{error}"
    );
    let none = padded(&[], 4, 4);
    let empty = augmentation.augment_ragged(none, &[], &mut generator);
    assert_eq!(empty.unwrap().dims(), [0, 3, 8, 8]);
}

#[test]
#[should_panic(expected = "sizes and pictures of the batch")]
fn there_is_a_size_for_each_picture() {
    let augmentation = list(r#"{ name = "center-crop", size = 8 }"#);
    let images = padded(&SIZES, 20, 30);
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let _ = augmentation.augment_ragged(images, &SIZES[..3], &mut generator);
}

#[test]
fn gradients_reach_the_pictures_and_not_the_padding() {
    let device = Device::flex().autodiff();
    let images = Tensor::<4>::from_data(padded(&SIZES, 20, 30).into_data(), &device).require_grad();
    let augmentation = list(LISTS[5]);
    let mut generator = ChaCha8Rng::seed_from_u64(2);
    let got = augmentation
        .augment_ragged(images.clone(), &SIZES, &mut generator)
        .unwrap();
    let gradient = images.grad(&got.sum().backward()).unwrap();
    let gradient: Vec<f32> = gradient.into_data().try_to_vec().unwrap();
    for (index, value) in gradient.iter().enumerate() {
        let [rows, columns] = SIZES[index / 1800];
        let inside = index / 30 % 20 < rows && index % 30 < columns;
        assert!(value.is_finite() && (inside || *value == 0.0));
    }
    assert!(gradient.iter().any(|value| *value != 0.0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Plain pictures stay plain, whatever lies in the padding.
    #[test]
    fn padding_is_never_seen(
        sizes in prop::collection::vec([4_usize..24, 4_usize..24], 1..5), seed: u64, which in 0..3_usize,
    ) {
        let text = [LISTS[0], LISTS[1], LISTS[5]][which];
        let augmentation = match list(text) {
            Augmentation::Sequence(sequence) => {
                let steps = sequence.transforms()[..3].to_vec();
                Augmentation::Sequence(ddrank_augment::Sequence::new(steps).unwrap())
            }
            one => one,
        };
        let plain: Vec<f32> = values(padded(&sizes, 24, 24))
            .iter()
            .map(|value| if *value > 1e3 { 1e4 } else { 1.0 })
            .collect();
        let plain = TensorData::new(plain, [sizes.len(), 3, 24, 24]);
        let plain = Tensor::<4>::from_data(plain, &Device::flex());
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let got = augmentation.augment_ragged(plain, &sizes, &mut generator).unwrap();
        let got = values(got);
        prop_assert!(got.iter().all(|value| (value - 1.0).abs() < 1e-5), "{:?}", got);
    }
}
