//! The image transforms: draws and closed forms.

use burn::tensor::{Device, Tensor, TensorData};
use ddrank_augment::{
    CenterCrop, CropBox, Flip, GaussianNoise, Normalize, PatchShuffle, RandomCrop, RandomCropDraws,
    Resize, ResizeCrop, Size, StripOrders, Transform,
};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

fn tensor(values: Vec<f32>, shape: [usize; 4]) -> Tensor<4> {
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

/// 0, 1, 2, ... in one channel of one picture.
fn ramp(height: usize, width: usize) -> Tensor<4> {
    let values = (0..height * width).map(|value| value as f32).collect();
    tensor(values, [1, 1, height, width])
}

fn values(images: Tensor<4>) -> Vec<f32> {
    images.into_data().try_to_vec().unwrap()
}

fn generator(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

fn assert_close(got: &[f32], expected: &[f32]) {
    assert_eq!(got.len(), expected.len());
    for (got, expected) in got.iter().zip(expected) {
        assert!((got - expected).abs() < 1e-4, "{got} instead of {expected}");
    }
}

#[test]
fn halving_a_line_is_the_triangle_filter() {
    let resize = Resize::new(Size::Exact {
        height: 1,
        width: 2,
    })
    .unwrap();
    // Centres 1 and 3, reach 2: weights 3/4, 3/4, 1/4 for 0, 1, 2, and mirrored.
    let got = values(resize.apply(tensor(vec![0.0, 10.0, 20.0, 30.0], [1, 1, 1, 4]), &()));
    assert_close(&got, &[12.5 / 1.75, 30.0 - 12.5 / 1.75]);
}

#[test]
fn doubling_a_line_interpolates() {
    let resize = Resize::new(Size::Exact {
        height: 1,
        width: 4,
    })
    .unwrap();
    let got = values(resize.apply(tensor(vec![0.0, 4.0], [1, 1, 1, 2]), &()));
    assert_close(&got, &[0.0, 1.0, 3.0, 4.0]);
}

#[test]
fn one_number_is_the_shorter_side() {
    let shape = |shape| {
        Resize::new(Size::Side(64))
            .unwrap()
            .output_shape(shape)
            .unwrap()
    };
    assert_eq!(shape([3, 180, 250]), [3, 64, 88]);
    assert_eq!(shape([3, 250, 180]), [3, 88, 64]);
    assert_eq!(shape([3, 32, 32]), [3, 64, 64]);
}

#[test]
fn each_picture_has_its_own_box() {
    let crop = ResizeCrop::new(Size::Side(2), [0.1, 1.0], [0.5, 2.0]).unwrap();
    let images = Tensor::cat(vec![ramp(3, 4), ramp(3, 4)], 0);
    let place = |top, left| CropBox {
        top,
        left,
        height: 2,
        width: 2,
    };
    let got = values(crop.apply(images, &vec![place(0, 1), place(1, 2)]));
    assert_close(&got, &[1.0, 2.0, 5.0, 6.0, 6.0, 7.0, 10.0, 11.0]);
}

/// What lies outside the box is not seen, however wide the filter is.
#[test]
fn the_filter_stays_in_its_box() {
    let crop = ResizeCrop::new(Size::Side(1), [0.1, 1.0], [0.5, 2.0]).unwrap();
    let mut picture = vec![1000.0; 36];
    for index in [14, 15, 20, 21] {
        picture[index] = 3.0;
    }
    let place = CropBox {
        top: 2,
        left: 2,
        height: 2,
        width: 2,
    };
    assert_close(
        &values(crop.apply(tensor(picture, [1, 1, 6, 6]), &vec![place])),
        &[3.0],
    );
}

#[test]
fn boxes_have_the_shares_and_ratios_asked_for() {
    let crop = ResizeCrop::new(Size::Side(8), [0.25, 0.75], [0.75, 4.0 / 3.0]).unwrap();
    let (height, width) = (400, 400);
    let draws = crop.draw([8000, 3, height, width], &mut generator(1));
    let (mut shares, mut logs) = (Vec::new(), Vec::new());
    for place in &draws {
        assert!(place.top + place.height <= height && place.left + place.width <= width);
        shares.push((place.height * place.width) as f64 / (height * width) as f64);
        logs.push((place.width as f64 / place.height as f64).ln());
    }
    // Both are uniform here: with 3/4 of the area even the widest box fits (side 400 * sqrt(0.75 * 4/3) = 400).
    let check = |drawn: &[f64], low: f64, high: f64| {
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        let below = |share: f64| {
            let limit = low + share * (high - low);
            drawn.iter().filter(|value| **value < limit).count() as f64 / drawn.len() as f64
        };
        assert!(
            (mean - f64::midpoint(low, high)).abs() < 0.02 * (high - low),
            "mean {mean}"
        );
        assert!((below(0.25) - 0.25).abs() < 0.02, "{}", below(0.25));
        assert!((below(0.75) - 0.75).abs() < 0.02, "{}", below(0.75));
        assert!(
            drawn
                .iter()
                .all(|value| (low - 0.02..=high + 0.02).contains(value))
        );
    };
    check(&shares, 0.25, 0.75);
    check(&logs, 0.75_f64.ln(), (4.0_f64 / 3.0).ln());
    // Given its height, the first row is uniform: the mean place is the middle.
    let middle: f64 = draws
        .iter()
        .map(|place| (place.top as f64 + place.height as f64 / 2.0) / height as f64)
        .sum::<f64>()
        / draws.len() as f64;
    assert!((middle - 0.5).abs() < 0.01, "{middle}");
}

#[test]
fn all_of_a_square_is_the_only_full_box() {
    let crop = ResizeCrop::new(Size::Side(32), [1.0, 1.0], ResizeCrop::RATIO).unwrap();
    let whole = CropBox {
        top: 0,
        left: 0,
        height: 32,
        width: 32,
    };
    let draws = crop.draw([500, 3, 32, 32], &mut generator(2));
    assert!(draws.iter().all(|place| *place == whole));
    let picture = ramp(32, 32);
    assert_eq!(
        values(crop.apply(picture.clone(), &draws[..1].to_vec())),
        values(picture)
    );
}

#[test]
fn pictures_too_long_for_the_ratio_get_the_centre() {
    let crop = ResizeCrop::new(Size::Side(8), [1.0, 1.0], ResizeCrop::RATIO).unwrap();
    let wide = crop.draw([1, 3, 30, 100], &mut generator(3))[0];
    assert_eq!(
        [wide.top, wide.left, wide.height, wide.width],
        [0, 30, 30, 40]
    );
    let tall = crop.draw([1, 3, 101, 30], &mut generator(3))[0];
    assert_eq!(
        [tall.top, tall.left, tall.height, tall.width],
        [30, 0, 40, 30]
    );
}

#[test]
fn centre_crops_round_half_to_even_and_pad() {
    let crop = |size| CenterCrop::new(size).unwrap();
    // (3 - 2) / 2 = 0.5 is 0, (5 - 2) / 2 = 1.5 is 2.
    let got = values(crop(Size::Side(2)).apply(ramp(3, 5), &()));
    assert_eq!(got, [2.0, 3.0, 7.0, 8.0]);
    let got = values(
        crop(Size::Exact {
            height: 2,
            width: 4,
        })
        .apply(ramp(1, 1).add_scalar(9.0), &()),
    );
    assert_eq!(got, [0.0, 9.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
}

#[test]
fn random_crops_read_the_padded_picture() {
    let crop = RandomCrop::new(
        Size::Exact {
            height: 2,
            width: 3,
        },
        1,
    )
    .unwrap();
    let images = Tensor::cat(vec![ramp(2, 2), ramp(2, 2)], 0);
    let draws = RandomCropDraws {
        top: vec![0, 2],
        left: vec![1, 0],
    };
    let got = values(crop.apply(images, &draws));
    assert_eq!(
        got,
        [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 2.0, 3.0, 0.0, 0.0, 0.0]
    );
}

/// torchvision's recipes pad bytes with black and normalise after it.
#[test]
fn filled_padding_is_black_before_normalisation() {
    let (mean, std) = (vec![0.4914, 0.4822, 0.4465], vec![0.2023, 0.1994, 0.2010]);
    let black: Vec<f64> = (0..3)
        .map(|channel| -mean[channel] / std[channel])
        .collect();
    let normalize = Normalize::new(mean, std).unwrap();
    let crop = RandomCrop::new(Size::Side(6), 4).unwrap();
    let images = tensor(
        (0..3 * 3 * 25).map(|v| v as f32 / 255.0).collect(),
        [3, 3, 5, 5],
    );
    let draws = crop.draw(images.dims(), &mut generator(9));
    let before = values(normalize.apply(crop.apply(images.clone(), &draws), &()));
    let filled = crop.with_fill(black).unwrap();
    let after = values(filled.apply(normalize.apply(images, &()), &draws));
    assert_close(&after, &before);
}

#[test]
fn one_fill_is_for_all_channels() {
    let crop = RandomCrop::new(Size::Side(2), 1).unwrap();
    let draws = RandomCropDraws {
        top: vec![0],
        left: vec![1],
    };
    let images = tensor(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], [1, 2, 2, 2]);
    let filled = crop.clone().with_fill(vec![9.0]).unwrap();
    let got = values(filled.apply(images, &draws));
    assert_eq!(got, [9.0, 9.0, 1.0, 2.0, 9.0, 9.0, 5.0, 6.0]);
    assert_eq!(crop.clone().with_fill(vec![0.0, 0.0]).unwrap(), crop);
    for wrong in [vec![], vec![f64::NAN], vec![1.0, f64::INFINITY]] {
        let error = crop.clone().with_fill(wrong).unwrap_err().to_string();
        assert!(error.contains("`fill`"), "{error}");
    }
    let two = crop.with_fill(vec![1.0, 2.0]).unwrap();
    let error = two.output_shape([3, 8, 8]).unwrap_err().to_string();
    assert!(error.contains("`fill` has 2 numbers"), "{error}");
}

#[test]
fn random_crops_are_uniform() {
    let crop = RandomCrop::new(
        Size::Exact {
            height: 32,
            width: 30,
        },
        4,
    )
    .unwrap();
    let draws = crop.draw([9900, 3, 32, 32], &mut generator(4));
    for (places, last) in [(&draws.top, 8), (&draws.left, 10)] {
        for place in 0..=last {
            let count = places.iter().filter(|drawn| **drawn == place).count();
            assert!(
                count.abs_diff(9900 / (last + 1)) < 160,
                "{place} of {last}: {count}"
            );
        }
        assert!(places.iter().all(|place| *place <= last));
    }
}

#[test]
fn flips_have_their_probability() {
    for p in [0.0, 0.3, 1.0] {
        let flip = Flip::new(p).unwrap();
        let draws = flip.draw([10_000, 1, 1, 1], &mut generator(5));
        let share = draws.iter().filter(|is| **is).count() as f64 / 10_000.0;
        assert!(
            (share - p).abs() <= if p == 0.3 { 0.02 } else { 0.0 },
            "{share} for {p}"
        );
    }
    let images = Tensor::cat(vec![ramp(2, 3), ramp(2, 3)], 0);
    let got = values(Flip::new(0.5).unwrap().apply(images, &vec![true, false]));
    assert_eq!(
        got,
        [2.0, 1.0, 0.0, 5.0, 4.0, 3.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    );
}

#[test]
fn normalisation_by_hand() {
    let images = tensor(vec![1.0, 2.0, 3.0, 4.0], [1, 2, 1, 2]);
    let normalize = Normalize::new(vec![1.0, 2.0], vec![0.5, 2.0]).unwrap();
    assert_eq!(values(normalize.apply(images, &())), [0.0, 2.0, 0.5, 1.0]);
}

#[test]
fn noise_is_normal() {
    let noise = GaussianNoise::new(1.0, 0.5, false).unwrap();
    let mut got = values(noise.augment(
        Tensor::zeros([10, 3, 20, 20], &Device::flex()),
        &mut generator(6),
    ));
    got.sort_by(f32::total_cmp);
    let count = got.len() as f32;
    let mean = got.iter().sum::<f32>() / count;
    let deviation = (got.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / count).sqrt();
    assert!((mean - 1.0).abs() < 0.02, "{mean}");
    assert!((deviation - 0.5).abs() < 0.015, "{deviation}");
    // One deviation below the mean lie 15.87 %.
    let below = got.iter().filter(|value| **value < 0.5).count() as f32 / count;
    assert!((below - 0.1587).abs() < 0.015, "{below}");
    let clipped = GaussianNoise::new(0.0, 3.0, true).unwrap();
    let got = values(clipped.augment(
        Tensor::zeros([1, 1, 20, 20], &Device::flex()),
        &mut generator(7),
    ));
    assert!(got.iter().all(|value| (0.0..=1.0).contains(value)));
    assert!(got.contains(&0.0) && got.contains(&1.0));
}

#[test]
fn strips_move_and_the_last_keeps_the_rest() {
    let shuffle = PatchShuffle::new(2).unwrap();
    let orders = StripOrders {
        width: vec![1, 0],
        height: vec![1, 0],
    };
    let got = values(shuffle.apply(ramp(3, 5), &vec![orders]));
    // Columns 0 1 | 2 3 4, rows 0 | 1 2.
    assert_eq!(
        got,
        [
            7.0, 8.0, 9.0, 5.0, 6.0, 12.0, 13.0, 14.0, 10.0, 11.0, 2.0, 3.0, 4.0, 0.0, 1.0
        ]
    );
}

#[test]
fn all_orders_are_equally_likely_and_axes_independent() {
    let draws = PatchShuffle::new(3)
        .unwrap()
        .draw([7200, 1, 6, 6], &mut generator(8));
    let mut counts = std::collections::BTreeMap::new();
    for orders in &draws {
        *counts
            .entry((orders.width.clone(), orders.height.clone()))
            .or_insert(0_usize) += 1;
    }
    assert_eq!(counts.len(), 36);
    // Binomial with mean 200 and deviation 14.
    assert!(
        counts.values().all(|count| count.abs_diff(200) < 65),
        "{counts:?}"
    );
}

#[test]
fn images_that_do_not_fit_are_errors() {
    let reason = |result: Result<[usize; 3], ddrank_augment::AugmentationError>| {
        result.unwrap_err().to_string()
    };
    let crop = RandomCrop::new(Size::Side(32), 2).unwrap();
    let error = reason(crop.output_shape([3, 24, 32]));
    assert!(
        error.contains("random-crop") && error.contains("3 x 24 x 32"),
        "{error}"
    );
    let error = reason(PatchShuffle::new(9).unwrap().output_shape([3, 8, 16]));
    assert!(error.contains("`factor` = 9"), "{error}");
    let normalize = Normalize::new(vec![0.5], vec![0.5]).unwrap();
    let error = reason(normalize.output_shape([3, 8, 8]));
    assert!(error.contains("1 channels"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn shuffled_pictures_keep_their_pixels(
        factor in 1_usize..5, height in 5_usize..12, width in 5_usize..12, seed: u64,
    ) {
        let shuffle = PatchShuffle::new(factor).unwrap();
        let mut got = values(shuffle.augment(ramp(height, width), &mut generator(seed)));
        got.sort_by(f32::total_cmp);
        prop_assert_eq!(got, values(ramp(height, width)));
    }

    /// Weights sum to one and none is negative: a plain picture stays plain, and no value leaves the range.
    #[test]
    fn resized_crops_stay_in_range(
        (height, width) in (1_usize..40, 1_usize..40), size in 1_usize..40, seed: u64,
    ) {
        let crop = ResizeCrop::new(Size::Side(size), ResizeCrop::SCALE, ResizeCrop::RATIO).unwrap();
        let plain = Tensor::<4>::ones([2, 1, height, width], &Device::flex());
        let got = values(crop.augment(plain, &mut generator(seed)));
        prop_assert!(got.iter().all(|value| (value - 1.0).abs() < 1e-5), "{:?}", got);
        let last = (height * width - 1) as f32;
        let got = values(crop.augment(ramp(height, width), &mut generator(seed)));
        prop_assert!(got.iter().all(|value| (-1e-2..=last + 1e-2).contains(value)), "{:?}", got);
    }
}
