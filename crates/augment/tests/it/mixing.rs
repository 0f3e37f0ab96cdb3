//! CutMix and Mixup: draws and closed forms.

use burn::tensor::{Device, Tensor, TensorData};
use ddrank_augment::{
    Augmentation, CutMix, CutMixDraws, Flip, Mixing, Mixup, MixupDraws, ResizeCrop, Sequence, Size,
    Transform,
};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Pictures of one channel filled with 1, 2, ...
fn plain(batch: usize, height: usize, width: usize) -> Tensor<4> {
    let values: Vec<f32> = (0..batch * height * width)
        .map(|index| (index / (height * width) + 1) as f32)
        .collect();
    Tensor::from_data(
        TensorData::new(values, [batch, 1, height, width]),
        &Device::flex(),
    )
}

fn values(images: Tensor<4>) -> Vec<f32> {
    images.into_data().try_to_vec().unwrap()
}

#[test]
fn the_box_comes_from_the_partner() {
    let draws = CutMixDraws {
        lambda: 0.75,
        partners: vec![1, 0],
        row: 0,
        column: 3,
    };
    // Sides 4 * 0.5 and 6 * 0.5: rows -1 to 1 cut at 0, columns 2 to 4.
    assert_eq!(draws.cut(4, 6), [0..1, 2..4]);
    let got = values(CutMix::new(1.0).unwrap().apply(plain(2, 4, 6), &draws));
    let expected: Vec<f32> = (0..48)
        .map(|index| {
            let own = if index < 24 { 1.0 } else { 2.0 };
            if matches!(index % 24, 2 | 3) {
                3.0 - own
            } else {
                own
            }
        })
        .collect();
    assert_eq!(got, expected);
}

#[test]
fn lambda_one_and_zero_are_the_ends() {
    let draws = |lambda| CutMixDraws {
        lambda,
        partners: vec![1, 0],
        row: 2,
        column: 2,
    };
    let cutmix = CutMix::new(1.0).unwrap();
    assert_eq!(
        values(cutmix.apply(plain(2, 4, 4), &draws(1.0))),
        values(plain(2, 4, 4))
    );
    let swapped: Vec<f32> = values(plain(2, 4, 4))
        .iter()
        .map(|value| 3.0 - value)
        .collect();
    assert_eq!(values(cutmix.apply(plain(2, 4, 4), &draws(0.0))), swapped);
}

#[test]
fn mixup_is_the_weighted_mean() {
    let draws = MixupDraws {
        lambda: 0.75,
        partners: vec![2, 1, 0],
    };
    let got = values(Mixup::new(1.0).unwrap().apply(plain(3, 1, 2), &draws));
    assert_eq!(got, [1.5, 1.5, 2.0, 2.0, 2.5, 2.5]);
}

/// Of Beta(a, a): mean 1/2, variance 1 / (4 (2a + 1)), and for a = 1 uniform, for a = 1/2 the arcsine law.
#[test]
fn lambda_follows_its_beta_distribution() {
    let mut generator = ChaCha8Rng::seed_from_u64(3);
    for shape in [0.2, 0.5, 0.8, 1.0, 4.0] {
        let count = 20_000;
        let mut drawn: Vec<f64> = (0..count)
            .map(|_| {
                Mixup::new(shape)
                    .unwrap()
                    .draw([1, 1, 1, 1], &mut generator)
                    .lambda
            })
            .collect();
        drawn.sort_by(f64::total_cmp);
        let mean = drawn.iter().sum::<f64>() / f64::from(count);
        let variance = drawn
            .iter()
            .map(|value| (value - mean).powi(2))
            .sum::<f64>()
            / f64::from(count);
        let expected = 1.0 / (4.0 * (2.0 * shape + 1.0));
        assert!((mean - 0.5).abs() < 0.015, "mean {mean} for {shape}");
        assert!(
            (variance / expected - 1.0).abs() < 0.05,
            "variance {variance} for {shape}"
        );
        let law: Option<fn(f64) -> f64> = match shape {
            1.0 => Some(|value| value),
            0.5 => Some(|value: f64| value.sqrt().asin() / std::f64::consts::FRAC_PI_2),
            _ => None,
        };
        // Kolmogorov and Smirnov: beyond 1.95 / sqrt(n) once in a thousand.
        let distance = law.map_or(0.0, |law| {
            let gap = |(index, value): (usize, &f64)| {
                (law(*value) - index as f64 / f64::from(count)).abs()
            };
            drawn.iter().enumerate().map(gap).fold(0.0, f64::max)
        });
        assert!(
            distance < 1.95 / f64::from(count).sqrt(),
            "distance {distance} for {shape}"
        );
    }
}

#[test]
fn centres_and_partners_are_uniform() {
    let mut generator = ChaCha8Rng::seed_from_u64(4);
    let cutmix = CutMix::new(1.0).unwrap();
    let (mut rows, mut columns, mut partner) = ([0_usize; 4], [0_usize; 6], [0_usize; 3]);
    for _ in 0..6000 {
        let draws = cutmix.draw([3, 1, 4, 6], &mut generator);
        rows[draws.row] += 1;
        columns[draws.column] += 1;
        partner[draws.partners[0] as usize] += 1;
        let mut sorted = draws.partners.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [0, 1, 2]);
    }
    assert!(
        rows.iter().all(|count| count.abs_diff(1500) < 150),
        "{rows:?}"
    );
    assert!(
        columns.iter().all(|count| count.abs_diff(1000) < 130),
        "{columns:?}"
    );
    assert!(
        partner.iter().all(|count| count.abs_diff(2000) < 160),
        "{partner:?}"
    );
}

#[test]
fn weights_are_shares_of_the_box_that_is_left() {
    let draws = CutMixDraws {
        lambda: 0.75,
        partners: vec![1, 0],
        row: 0,
        column: 3,
    };
    // Of the box of 2 x 3 the border and the odd side leave 1 x 2 of 4 x 6 pixels: not 1 - lambda.
    let cutmix = CutMix::new(1.0).unwrap();
    let mixing = Transform::mixing(&cutmix, 1, &[[4, 6]; 2], &draws).unwrap();
    assert_eq!(mixing.partners, [1, 0]);
    assert!((mixing.weight - 22.0 / 24.0).abs() < 1e-12, "{mixing:?}");
    let draws = MixupDraws {
        lambda: 0.3,
        partners: vec![2, 0, 1],
    };
    let mixing = Transform::mixing(&Mixup::new(1.0).unwrap(), 1, &[[4, 6]; 3], &draws);
    let expected = Mixing {
        partners: vec![2, 0, 1],
        weight: 0.3,
    };
    assert_eq!(mixing, Some(expected));
}

/// Of pictures of one colour each, the mean says what is in them.
#[test]
fn the_mixing_told_is_the_mixing_done() {
    let sequence = |steps| Augmentation::Sequence(Sequence::new(steps).unwrap());
    let whole = ResizeCrop::new(Size::Side(7), [0.3, 1.0], ResizeCrop::RATIO).unwrap();
    let flip = || Augmentation::Flip(Flip::new(0.5).unwrap());
    for augmentation in [
        Augmentation::CutMix(CutMix::new(1.0).unwrap()),
        Augmentation::Mixup(Mixup::new(0.8).unwrap()),
        sequence(vec![
            Augmentation::ResizeCrop(whole),
            Augmentation::CutMix(CutMix::new(1.0).unwrap()),
            flip(),
        ]),
        sequence(vec![
            flip(),
            sequence(vec![Augmentation::Mixup(Mixup::new(1.0).unwrap())]),
        ]),
    ] {
        assert_eq!(augmentation.mixes(), 1);
        for seed in 0..20 {
            let mut generator = ChaCha8Rng::seed_from_u64(seed);
            let (got, mixing) = augmentation.augment_with_mixing(plain(5, 9, 6), &mut generator);
            let Mixing { partners, weight } = mixing.unwrap();
            let mut again = ChaCha8Rng::seed_from_u64(seed);
            let plainly = values(augmentation.augment(plain(5, 9, 6), &mut again));
            let got = values(got);
            assert_eq!(got, plainly);
            let pixels = got.len() / 5;
            for (picture, pixels_of_one) in got.chunks(pixels).enumerate() {
                let mean = pixels_of_one
                    .iter()
                    .map(|&value| f64::from(value))
                    .sum::<f64>();
                let mean = mean / pixels as f64;
                let (own, other) = ((picture + 1) as f64, (partners[picture] + 1) as f64);
                let expected = weight * own + (1.0 - weight) * other;
                assert!((mean - expected).abs() < 1e-4, "{mean} for {expected}");
            }
        }
    }
}

#[test]
fn lists_without_mixing_tell_none_and_several_are_counted() {
    let mut generator = ChaCha8Rng::seed_from_u64(6);
    for augmentation in [
        Augmentation::None,
        Augmentation::Flip(Flip::new(0.5).unwrap()),
    ] {
        let (_, mixing) = augmentation.augment_with_mixing(plain(2, 3, 3), &mut generator);
        assert_eq!((mixing, augmentation.mixes()), (None, 0));
    }
    let mixup = || Augmentation::Mixup(Mixup::new(1.0).unwrap());
    let both = Sequence::new(vec![
        mixup(),
        Augmentation::CutMix(CutMix::new(1.0).unwrap()),
        mixup(),
    ]);
    assert_eq!(Augmentation::Sequence(both.unwrap()).mixes(), 3);
    let empty = Tensor::<4>::zeros([0, 3, 4, 4], &Device::flex());
    let (_, mixing) = mixup().augment_with_mixing(empty, &mut generator);
    assert_eq!(mixing.unwrap().partners, [0_usize; 0]);
}

#[test]
fn empty_batches_stay_empty() {
    let images = || Tensor::<4>::zeros([0, 3, 4, 4], &Device::flex());
    let mut generator = ChaCha8Rng::seed_from_u64(5);
    assert_eq!(
        CutMix::new(1.0)
            .unwrap()
            .augment(images(), &mut generator)
            .dims(),
        [0, 3, 4, 4]
    );
    assert_eq!(
        Mixup::new(1.0)
            .unwrap()
            .augment(images(), &mut generator)
            .dims(),
        [0, 3, 4, 4]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn shares_and_boxes_are_in_range(
        exponent in -3.0..=3.0_f64,
        (height, width) in (1_usize..40, 1_usize..40),
        seed: u64,
    ) {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let shape = 10_f64.powf(exponent).clamp(0.001, 1000.0);
        for _ in 0..20 {
            let draws = CutMix::new(shape).unwrap().draw([2, 3, height, width], &mut generator);
            prop_assert!((0.0..=1.0).contains(&draws.lambda), "{}", draws.lambda);
            let [rows, columns] = draws.cut(height, width);
            prop_assert!(rows.start <= draws.row && rows.end <= height);
            prop_assert!(columns.start <= draws.column && columns.end <= width);
        }
    }
}
