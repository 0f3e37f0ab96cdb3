//! DSA against closed forms and the distributions of its draws.

use burn::tensor::{Device, Tensor, TensorData};
use ddrank_augment::{Augmentation, Dsa, DsaDraws, DsaMode, DsaParameters, DsaStep};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

fn ramp(height: usize, width: usize) -> Tensor<4> {
    let values: Vec<f32> = (0..height * width).map(|value| value as f32).collect();
    Tensor::from_data(
        TensorData::new(values, [1, 1, height, width]),
        &Device::flex(),
    )
}

fn applied(dsa: &Dsa, images: Tensor<4>, step: DsaStep) -> Vec<f32> {
    let draws = DsaDraws { steps: vec![step] };
    dsa.apply(images, &draws).into_data().try_to_vec().unwrap()
}

fn with(change: impl FnOnce(&mut DsaParameters)) -> Dsa {
    let mut parameters = DsaParameters::default();
    change(&mut parameters);
    Dsa::new(parameters, DsaMode::Single, false).unwrap()
}

/// The unit that gives `factor` where the scale parameter is `scale`.
fn unit_of(factor: f64, scale: f64) -> f32 {
    ((factor - 1.0 / scale) / (scale - 1.0 / scale)) as f32
}

fn assert_close(got: &[f32], expected: &[f32]) {
    assert_eq!(got.len(), expected.len());
    for (got, expected) in got.iter().zip(expected) {
        assert!((got - expected).abs() < 1e-4, "{got} instead of {expected}");
    }
}

#[test]
fn scale_of_a_ramp_by_hand() {
    let dsa = with(|parameters| parameters.scale = 4.0);
    let scaled = |horizontal, vertical| {
        let step = DsaStep::Scale {
            horizontal: vec![unit_of(horizontal, 4.0)],
            vertical: vec![unit_of(vertical, 4.0)],
        };
        applied(&dsa, ramp(4, 4), step)
    };
    assert_close(&scaled(0.5, 1.0)[..4], &[0.75, 1.25, 1.75, 2.25]);
    assert_close(&scaled(2.0, 1.0)[..4], &[0.0, 0.5, 2.5, 0.0]);
    let tall = scaled(1.0, 0.5);
    assert_close(
        &[tall[0], tall[4], tall[8], tall[12]],
        &[3.0, 5.0, 7.0, 9.0],
    );
}

#[test]
fn a_quarter_turn_is_anticlockwise() {
    let dsa = with(|parameters| parameters.rotate = 180.0);
    // (2u - 1) * 180 = 90 degrees.
    let turned = applied(&dsa, ramp(3, 3), DsaStep::Rotate { angle: vec![0.75] });
    assert_close(&turned, &[2.0, 5.0, 8.0, 1.0, 4.0, 7.0, 0.0, 3.0, 6.0]);
}

#[test]
fn flip_compares_strictly_and_picture_by_picture() {
    let images = Tensor::cat(vec![ramp(2, 3), ramp(2, 3)], 0);
    let step = DsaStep::Flip {
        chance: vec![0.499, 0.5],
    };
    let flipped = applied(&Dsa::default(), images, step);
    assert_eq!(
        flipped,
        [2.0, 1.0, 0.0, 5.0, 4.0, 3.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    );
}

#[test]
fn colours_by_hand() {
    let pixel = TensorData::new(vec![1.0_f32, 2.0, 6.0], [1, 3, 1, 1]);
    let images = || Tensor::from_data(pixel.clone(), &Device::flex());
    let dsa = Dsa::default();
    let unit = || vec![0.75];
    assert_close(
        &applied(&dsa, images(), DsaStep::Brightness { unit: unit() }),
        &[1.25, 2.25, 6.25],
    );
    assert_close(
        &applied(&dsa, images(), DsaStep::Saturation { unit: unit() }),
        &[0.0, 1.5, 7.5],
    );
    assert_close(
        &applied(&dsa, images(), DsaStep::Contrast { unit: unit() }),
        &[0.5, 1.75, 6.75],
    );
}

#[test]
fn crop_reads_at_the_shifted_place() {
    let dsa = with(|parameters| parameters.crop = 0.5);
    let step = DsaStep::Crop {
        rows: vec![1],
        columns: vec![-1],
    };
    assert_eq!(
        applied(&dsa, ramp(2, 3), step),
        [0.0, 3.0, 4.0, 0.0, 0.0, 0.0]
    );
}

#[test]
fn cutout_shrinks_at_the_border() {
    let ones = || Tensor::<4>::ones([1, 1, 8, 8], &Device::flex());
    // Side 4: at the corner two rows and columns remain, at 8 three, in the middle four.
    for (centre, side) in [(0, 2), (1, 3), (4, 4), (7, 3), (8, 2)] {
        let step = DsaStep::Cutout {
            rows: vec![centre],
            columns: vec![4],
        };
        let zeros = applied(&Dsa::default(), ones(), step)
            .iter()
            .filter(|value| **value == 0.0)
            .count();
        assert_eq!(zeros, side * 4, "centre row {centre}");
    }
}

#[test]
fn strength_zero_changes_nothing() {
    let dsa = with(|parameters| {
        *parameters = DsaParameters {
            flip: 0.0,
            rotate: 0.0,
            scale: 1.0,
            crop: 0.0,
            cutout: 0.0,
            brightness: 0.0,
            ..*parameters
        };
    });
    let dsa = Dsa {
        mode: DsaMode::Multiple,
        ..dsa
    };
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let mut draws = dsa.draw([1, 1, 5, 4], &mut generator);
    draws
        .steps
        .retain(|step| !matches!(step, DsaStep::Saturation { .. } | DsaStep::Contrast { .. }));
    assert_eq!(draws.steps.len(), 6);
    let kept: Vec<f32> = dsa
        .apply(ramp(5, 4), &draws)
        .into_data()
        .try_to_vec()
        .unwrap();
    assert_close(&kept, &ramp(5, 4).into_data().try_to_vec::<f32>().unwrap());
}

#[test]
fn siamese_uses_the_first_picture_alone() {
    let dsa = Dsa {
        siamese: true,
        ..Dsa::default()
    };
    let images = Tensor::cat(vec![ramp(2, 2); 3], 0);
    let got = applied(
        &dsa,
        images.clone(),
        DsaStep::Flip {
            chance: vec![0.0, 0.9, 0.9],
        },
    );
    assert_eq!(got, [1.0, 0.0, 3.0, 2.0].repeat(3));
    let got = applied(&dsa, images, DsaStep::Flip { chance: vec![0.9] });
    assert_eq!(got, [0.0, 1.0, 2.0, 3.0].repeat(3));
}

#[test]
#[should_panic(expected = "a step of the draws has 1 values, the batch has 2 pictures")]
fn too_few_draws_are_refused() {
    let images = Tensor::cat(vec![ramp(2, 2); 2], 0);
    applied(&Dsa::default(), images, DsaStep::Flip { chance: vec![0.0] });
}

#[test]
fn an_empty_batch_stays_empty() {
    let dsa = Dsa {
        mode: DsaMode::Multiple,
        ..Dsa::default()
    };
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let draws = dsa.draw([0, 3, 4, 4], &mut generator);
    let images = Tensor::<4>::zeros([0, 3, 4, 4], &Device::flex());
    assert_eq!(dsa.apply(images, &draws).dims(), [0, 3, 4, 4]);
}

#[test]
fn single_mode_picks_each_operation_equally_often() {
    let mut generator = ChaCha8Rng::seed_from_u64(11);
    let mut counts = [0_usize; 6];
    for _ in 0..6000 {
        let draws = Dsa::default().draw([1, 3, 8, 8], &mut generator);
        let (place, steps) = match draws.steps[0] {
            DsaStep::Scale { .. } => (0, 1),
            DsaStep::Rotate { .. } => (1, 1),
            DsaStep::Flip { .. } => (2, 1),
            DsaStep::Brightness { .. } => (3, 3),
            DsaStep::Crop { .. } => (4, 1),
            DsaStep::Cutout { .. } => (5, 1),
            _ => panic!("no operation starts with {:?}", draws.steps[0]),
        };
        assert_eq!(draws.steps.len(), steps);
        counts[place] += 1;
    }
    // Binomial with mean 1000 and deviation 29.
    assert!(
        counts.iter().all(|count| count.abs_diff(1000) < 120),
        "{counts:?}"
    );
}

/// Kolmogorov and Smirnov for every continuous draw, and no two of them follow each other.
#[test]
fn continuous_draws_are_uniform_and_independent() {
    let dsa = Dsa::new(DsaParameters::default(), DsaMode::Multiple, false).unwrap();
    let draws = dsa.draw([8000, 3, 8, 8], &mut ChaCha8Rng::seed_from_u64(13));
    let mut units: Vec<&[f32]> = Vec::new();
    for step in &draws.steps {
        match step {
            DsaStep::Scale {
                horizontal,
                vertical,
            } => units.extend([&horizontal[..], vertical]),
            DsaStep::Rotate { angle: unit }
            | DsaStep::Flip { chance: unit }
            | DsaStep::Brightness { unit }
            | DsaStep::Saturation { unit }
            | DsaStep::Contrast { unit } => units.push(unit),
            _ => {}
        }
    }
    assert_eq!(units.len(), 7);
    let count = 8000.0_f64;
    for (place, unit) in units.iter().enumerate() {
        let mut sorted = unit.to_vec();
        sorted.sort_by(f32::total_cmp);
        assert!(sorted[0] >= 0.0 && sorted[7999] < 1.0);
        let gap = |(index, &value): (usize, &f32)| (f64::from(value) - index as f64 / count).abs();
        let distance = sorted.iter().enumerate().map(gap).fold(0.0, f64::max);
        // Beyond 1.95 / sqrt(n) once in a thousand.
        assert!(distance < 1.95 / count.sqrt(), "{distance} of draw {place}");
        for other in &units[..place] {
            let product = |(a, b): (&f32, &f32)| (f64::from(*a) - 0.5) * (f64::from(*b) - 0.5);
            let covariance = unit.iter().zip(*other).map(product).sum::<f64>() / count;
            // Of independent ones the deviation is 1 / 12 / sqrt(n).
            assert!(covariance.abs() < 4.0 / 12.0 / count.sqrt(), "{covariance}");
        }
    }
}

#[test]
fn integer_draws_cover_their_ranges_evenly() {
    let parameters = DsaParameters {
        crop: 0.25,
        cutout: 0.4,
        ..DsaParameters::default()
    };
    let dsa = Dsa::new(parameters, DsaMode::Multiple, false).unwrap();
    let mut generator = ChaCha8Rng::seed_from_u64(12);
    let draws = dsa.draw([6000, 3, 8, 10], &mut generator);
    let even = |values: &[i32], range: std::ops::RangeInclusive<i32>| {
        let places = range.clone().count();
        for place in range.clone() {
            let count = values.iter().filter(|value| **value == place).count();
            assert!(
                count.abs_diff(6000 / places) < 200,
                "{place}: {count} of 6000 in {range:?}"
            );
        }
        assert!(values.iter().all(|value| range.contains(value)));
    };
    for step in &draws.steps {
        match step {
            DsaStep::Crop { rows, columns } => {
                even(rows, -2..=2);
                even(columns, -3..=3);
            }
            // Holes of 3 rows and 4 columns: an odd one has 8 places in 8, an even one 11 in 10.
            DsaStep::Cutout { rows, columns } => {
                even(rows, 0..=7);
                even(columns, 0..=10);
            }
            DsaStep::Flip { chance } => {
                let mean = chance.iter().sum::<f32>() / 6000.0;
                assert!((mean - 0.5).abs() < 0.02, "mean of the units {mean}");
                assert!(chance.iter().all(|unit| (0.0..1.0).contains(unit)));
            }
            _ => {}
        }
    }
}

#[test]
fn configurations_are_checked() {
    let read = serde_json::from_str::<Augmentation>;
    assert_eq!(read(r#"{"name":"none"}"#).unwrap(), Augmentation::None);
    assert_eq!(
        read(r#"{"name":"dsa"}"#).unwrap(),
        Augmentation::Dsa(Dsa::default())
    );
    let parameters = DsaParameters {
        flip: 0.25,
        rotate: 30.0,
        crop: 0.2,
        ..DsaParameters::default()
    };
    let dsa = Dsa::new(parameters, DsaMode::Multiple, true).unwrap();
    let text =
        r#"{"name":"dsa","mode":"M","siamese":true,"prob_flip":0.25,"ratio_rotate":30,"crop":0.2}"#;
    assert_eq!(read(text).unwrap(), Augmentation::Dsa(dsa));
    let written = serde_json::to_string(&Augmentation::Dsa(dsa)).unwrap();
    assert_eq!(read(&written).unwrap(), Augmentation::Dsa(dsa));
    for (text, part) in [
        (r#"{"name":"dsa","flip":1.5}"#, "`flip`: 1.5 is not allowed"),
        (r#"{"name":"dsa","scale":0}"#, "`scale`: 0 is not allowed"),
        (r#"{"name":"dsa","rotated":15}"#, "rotated"),
        (
            r#"{"name":"dsa","flip":0.5,"prob_flip":0.5}"#,
            "other name of `flip`",
        ),
        (r#"{"name":"dsa","mode":"X"}"#, "`X`"),
        (r#"{"name":"none","flip":0.5}"#, "flip"),
        (r#"{"name":"disa"}"#, "disa"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
}

#[test]
fn older_names_are_known() {
    let read = |name: &str, value: f64| {
        let text = format!(r#"{{"name":"dsa","{name}":{value}}}"#);
        serde_json::from_str::<Augmentation>(&text).map_err(|error| error.to_string())
    };
    for (older, own) in [
        ("prob_flip", "flip"),
        ("ratio_rotate", "rotate"),
        ("ratio_scale", "scale"),
        ("ratio_crop_pad", "crop"),
        ("ratio_cutout", "cutout"),
    ] {
        let given = read(older, 0.25).unwrap();
        assert_eq!(given, read(own, 0.25).unwrap());
        assert_ne!(given, Augmentation::Dsa(Dsa::default()), "{own}");
        let error = read(older, -1.0).unwrap_err();
        assert!(
            error.contains(&format!("`{older}`: -1 is not allowed")),
            "{error}"
        );
    }
    assert!(read("ratio_noise", 0.25).is_err());
}

#[test]
fn not_a_number_is_out_of_range() {
    let parameters = DsaParameters {
        brightness: f64::NAN,
        ..DsaParameters::default()
    };
    assert_eq!(parameters.validate().unwrap_err().key, "brightness");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn results_are_finite_for_all_parameters_in_range(
        (flip, rotate, scale, crop) in (0.0..=1.0, 0.0..=180.0, 0.05..=20.0, 0.0..=1.0),
        (cutout, brightness, saturation, contrast) in (0.0..=1.0, 0.0..=10.0, 0.0..=10.0, 0.0..=10.0),
        (batch, height, width) in (1_usize..4, 1_usize..9, 1_usize..9),
        seed: u64,
    ) {
        let parameters = DsaParameters { flip, rotate, scale, crop, cutout, brightness, saturation, contrast };
        let dsa = Dsa::new(parameters, DsaMode::Multiple, seed % 2 == 0).unwrap();
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let shape = [batch, 3, height, width];
        let draws = dsa.draw(shape, &mut generator);
        let images = Tensor::<4>::ones(shape, &Device::flex());
        let values: Vec<f32> = dsa.apply(images, &draws).into_data().try_to_vec().unwrap();
        prop_assert_eq!(values.len(), batch * 3 * height * width);
        prop_assert!(values.iter().all(|value| value.is_finite() && value.abs() < 1000.0));
    }
}
