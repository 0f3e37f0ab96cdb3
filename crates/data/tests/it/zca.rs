//! Whitening against closed forms and an eigensolver of its own.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "test helpers may panic"
)]

use ddrank_data::{
    CacheNotice, ImageShape, LabelledImages, Pixels, Whitening, WhiteningError, ZcaVariant,
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const SHAPE: ImageShape = ImageShape {
    channels: 3,
    height: 2,
    width: 2,
};

/// Images with correlated values: neighbours share a random part.
fn correlated(count: usize) -> LabelledImages {
    let mut rng = ChaCha8Rng::from_seed([9; 32]);
    let mut bytes = Vec::new();
    for _ in 0..count {
        let shared = rng.next_u32() % 128;
        bytes.extend(
            (0..SHAPE.len()).map(|k| (shared + rng.next_u32() % (20 + 9 * k as u32)) as u8),
        );
    }
    LabelledImages::new(SHAPE, 2, Pixels::Bytes(bytes), vec![1; count]).unwrap()
}

fn floats(images: &LabelledImages) -> &[f32] {
    match images.pixels() {
        Pixels::Floats(values) => values,
        Pixels::Bytes(_) => panic!("expected floats"),
    }
}

/// Standardised values, flattened, straight from the definition.
fn rows(images: &LabelledImages, variant: ZcaVariant) -> Vec<Vec<f64>> {
    let size = images.shape().len();
    let plane = images.shape().height * images.shape().width;
    let rows: Vec<Vec<f64>> = images
        .bytes()
        .unwrap()
        .chunks(size)
        .map(|image| image.iter().map(|&b| f64::from(b)).collect())
        .collect();
    let n = rows.len() as f64;
    match variant {
        ZcaVariant::Kornia { .. } => {
            let mean: Vec<f64> = (0..size)
                .map(|i| rows.iter().map(|row| row[i]).sum::<f64>() / n)
                .collect();
            rows.iter()
                .map(|row| {
                    row.iter()
                        .zip(&mean)
                        .map(|(x, m)| (x - m) / 255.0)
                        .collect()
                })
                .collect()
        }
        _ => {
            let statistics: Vec<(f64, f64)> = (0..images.shape().channels)
                .map(|c| {
                    let all: Vec<f64> = rows
                        .iter()
                        .flat_map(|row| row[c * plane..(c + 1) * plane].iter().copied())
                        .collect();
                    let mean = all.iter().sum::<f64>() / all.len() as f64;
                    let square: f64 = all.iter().map(|x| (x - mean).powi(2)).sum();
                    (mean, (square / (all.len() - 1) as f64).sqrt())
                })
                .collect();
            rows.iter()
                .map(|row| {
                    row.iter()
                        .enumerate()
                        .map(|(i, x)| (x - statistics[i / plane].0) / statistics[i / plane].1)
                        .collect()
                })
                .collect()
        }
    }
}

fn products(rows: &[Vec<f64>], divisor: f64) -> Vec<Vec<f64>> {
    let size = rows[0].len();
    (0..size)
        .map(|i| {
            (0..size)
                .map(|j| rows.iter().map(|row| row[i] * row[j]).sum::<f64>() / divisor)
                .collect()
        })
        .collect()
}

/// Eigenvalues and eigenvectors (columns) by Jacobi rotations.
#[expect(clippy::needless_range_loop, reason = "matrix indices")]
fn jacobi(mut a: Vec<Vec<f64>>) -> (Vec<f64>, Vec<Vec<f64>>) {
    let n = a.len();
    let mut v: Vec<Vec<f64>> = (0..n)
        .map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect())
        .collect();
    for _ in 0..60 {
        for p in 0..n {
            for q in p + 1..n {
                if a[p][q].abs() < 1e-300 {
                    continue;
                }
                let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let c = 1.0 / (t * t + 1.0).sqrt();
                let s = t * c;
                for k in 0..n {
                    let (x, y) = (a[k][p], a[k][q]);
                    (a[k][p], a[k][q]) = (c * x - s * y, s * x + c * y);
                }
                for k in 0..n {
                    let (x, y) = (a[p][k], a[q][k]);
                    (a[p][k], a[q][k]) = (c * x - s * y, s * x + c * y);
                    let (x, y) = (v[k][p], v[k][q]);
                    (v[k][p], v[k][q]) = (c * x - s * y, s * x + c * y);
                }
            }
        }
    }
    ((0..n).map(|i| a[i][i]).collect(), v)
}

/// What is added to the eigenvalues, and what the products are divided by.
fn regularisation(variant: ZcaVariant, rows: &[Vec<f64>]) -> (f64, f64) {
    let n = rows.len() as f64;
    match variant {
        ZcaVariant::Kornia { eps } => (eps, n - 1.0),
        ZcaVariant::Relative { strength } => {
            let trace: f64 = rows.iter().flatten().map(|x| x * x).sum::<f64>() / n;
            (strength * trace / rows[0].len() as f64, n)
        }
    }
}

#[test]
fn the_matrix_is_the_inverse_root_by_jacobi_rotations() {
    let images = correlated(50);
    for variant in [
        ZcaVariant::KORNIA,
        ZcaVariant::RELATIVE,
        ZcaVariant::Kornia { eps: 1e-3 },
    ] {
        let whitening = Whitening::fit(&images, variant).unwrap();
        let rows = rows(&images, variant);
        let (added, divisor) = regularisation(variant, &rows);
        let (values, vectors) = jacobi(products(&rows, divisor));
        for i in 0..12 {
            for j in 0..12 {
                let expected: f64 = (0..12)
                    .map(|k| vectors[i][k] * vectors[j][k] / (values[k] + added).sqrt())
                    .sum();
                let got = f64::from(whitening.matrix()[i * 12 + j]);
                assert!(
                    (got - expected).abs() < 1e-6 * (1.0 + expected.abs()),
                    "{variant:?} {i} {j}: {got} {expected}"
                );
            }
        }
        // And it is applied to the standardised values.
        let white = whitening.apply(&images).unwrap();
        for (row, got) in rows.iter().zip(floats(&white).chunks(12)) {
            for (j, &got) in got.iter().enumerate() {
                let expected: f64 = (0..12)
                    .map(|i| row[i] * f64::from(whitening.matrix()[i * 12 + j]))
                    .sum();
                assert!(
                    (f64::from(got) - expected).abs() < 2e-5,
                    "{variant:?}: {got} {expected}"
                );
            }
        }
        assert_eq!(white.labels(), images.labels());
    }
}

#[test]
fn whitened_images_have_shrunk_eigenvalues() {
    let images = correlated(400);
    for variant in [ZcaVariant::KORNIA, ZcaVariant::RELATIVE] {
        let before = rows(&images, variant);
        let (added, divisor) = regularisation(variant, &before);
        let white = Whitening::fit(&images, variant)
            .unwrap()
            .apply(&images)
            .unwrap();
        let after: Vec<Vec<f64>> = floats(&white)
            .chunks(12)
            .map(|row| row.iter().map(|&x| f64::from(x)).collect())
            .collect();
        let sorted = |rows: &[Vec<f64>]| {
            let mut values = jacobi(products(rows, divisor)).0;
            values.sort_by(f64::total_cmp);
            values
        };
        for (s, got) in sorted(&before).into_iter().zip(sorted(&after)) {
            assert!(
                (got - s / (s + added)).abs() < 1e-5,
                "{variant:?}: {got}, {s}"
            );
        }
    }
}

#[test]
fn a_case_by_hand() {
    // One value per image: 0 and 255. Kornia: x = -0.5, 0.5, variance 0.5, W = 1 / sqrt(0.6).
    let shape = ImageShape {
        channels: 1,
        height: 1,
        width: 1,
    };
    let images = LabelledImages::new(shape, 1, Pixels::Bytes(vec![0, 255]), vec![0, 0]).unwrap();
    let white = Whitening::fit(&images, ZcaVariant::KORNIA)
        .unwrap()
        .apply(&images)
        .unwrap();
    let expected = 0.5 / 0.6_f32.sqrt();
    assert!(
        (floats(&white)[0] + expected).abs() < 1e-6 && (floats(&white)[1] - expected).abs() < 1e-6
    );
    // Relative: x = -+127.5 / (127.5 sqrt 2), second moment 0.5, W = 1 / sqrt(0.55).
    let white = Whitening::fit(&images, ZcaVariant::RELATIVE)
        .unwrap()
        .apply(&images)
        .unwrap();
    let expected = 0.5_f32.sqrt() / 0.55_f32.sqrt();
    assert!(
        (floats(&white)[0] + expected).abs() < 1e-6 && (floats(&white)[1] - expected).abs() < 1e-6
    );
}

#[test]
fn more_images_than_a_block_are_summed_up() {
    // 2,500 images: three blocks of products, three blocks of applying. Doubling the set keeps the second moments.
    let (once, twice) = (
        correlated(2500),
        correlated(2500).select(&(0..5000).map(|k| k % 2500).collect::<Vec<_>>()),
    );
    let (a, b) = (
        Whitening::fit(&once, ZcaVariant::RELATIVE).unwrap(),
        Whitening::fit(&twice, ZcaVariant::RELATIVE).unwrap(),
    );
    assert!(
        a.matrix()
            .iter()
            .zip(b.matrix())
            .all(|(a, b)| (a - b).abs() < 1e-4)
    );
    let rows = rows(&once, ZcaVariant::RELATIVE);
    let (added, divisor) = regularisation(ZcaVariant::RELATIVE, &rows);
    let (values, vectors) = jacobi(products(&rows, divisor));
    for (i, vector) in vectors.iter().enumerate() {
        let expected: f64 = (0..12)
            .map(|k| vector[k].powi(2) / (values[k] + added).sqrt())
            .sum();
        assert!((f64::from(a.matrix()[i * 13]) - expected).abs() < 1e-5);
    }
    let all = a.apply(&twice).unwrap();
    let some = a.apply(&twice.select(&[2499, 2500, 4999])).unwrap();
    for (few, index) in floats(&some).chunks(12).zip([2499, 2500, 4999]) {
        let many = &floats(&all)[index * 12..(index + 1) * 12];
        assert!(few.iter().zip(many).all(|(a, b)| (a - b).abs() < 1e-5));
    }
}

#[test]
fn what_cannot_be_whitened_is_refused() {
    let images = correlated(5);
    let refused =
        |images: &LabelledImages, variant| Whitening::fit(images, variant).unwrap_err().to_string();
    for value in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(refused(&images, ZcaVariant::Kornia { eps: value }).contains("whitening eps is"));
        assert!(
            refused(&images, ZcaVariant::Relative { strength: value })
                .contains("expected a finite number above 0")
        );
    }
    assert_eq!(
        refused(&images.select(&[0]), ZcaVariant::KORNIA),
        "1 images to fit a whitening on: expected at least 2"
    );
    let whitening = Whitening::fit(&images, ZcaVariant::KORNIA).unwrap();
    let white = whitening.apply(&images).unwrap();
    assert!(refused(&white, ZcaVariant::KORNIA).contains("already floats"));
    assert!(whitening.apply(&white).is_err());
    let flat = ImageShape {
        channels: 1,
        height: 1,
        width: 12,
    };
    let other = LabelledImages::new(flat, 1, Pixels::Bytes(vec![0; 24]), vec![0, 0]).unwrap();
    assert_eq!(
        whitening.apply(&other).unwrap_err().to_string(),
        "images of 1x1x12: the whitening was fitted on 3x2x2"
    );
    assert!(matches!(
        Whitening::fit(&other, ZcaVariant::RELATIVE),
        Err(WhiteningError::ConstantChannel(0))
    ));
    let large = ImageShape {
        channels: 3,
        height: 65,
        width: 64,
    };
    let large = LabelledImages::new(
        large,
        1,
        Pixels::Bytes(vec![0; 2 * large.len()]),
        vec![0, 0],
    )
    .unwrap();
    assert!(refused(&large, ZcaVariant::KORNIA).contains("at most 12288 x 12288"));
}

#[test]
fn the_cache_is_used_checked_and_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("new/cache");
    let images = correlated(40);
    let first = Whitening::fit_cached(&images, ZcaVariant::KORNIA, &cache).unwrap();
    assert_eq!(first.notice, CacheNotice::Written);
    assert_eq!(
        first.whitening,
        Whitening::fit(&images, ZcaVariant::KORNIA).unwrap()
    );
    let second = Whitening::fit_cached(&images, ZcaVariant::KORNIA, &cache).unwrap();
    assert_eq!(
        (second.notice, &second.whitening),
        (CacheNotice::Read, &first.whitening)
    );

    // Each of these is another entry.
    for (images, variant) in [
        (images.clone(), ZcaVariant::RELATIVE),
        (images.clone(), ZcaVariant::Kornia { eps: 0.2 }),
        (images.clone().first(39), ZcaVariant::KORNIA),
    ] {
        assert_eq!(
            Whitening::fit_cached(&images, variant, &cache)
                .unwrap()
                .notice,
            CacheNotice::Written
        );
    }
    assert_eq!(
        std::fs::read_dir(&cache).unwrap().count(),
        4,
        "and no temporary files are left"
    );

    let good = std::fs::read(&first.path).unwrap();
    let other = std::fs::read(
        Whitening::fit_cached(&images, ZcaVariant::RELATIVE, &cache)
            .unwrap()
            .path,
    )
    .unwrap();
    let mut damaged: Vec<Vec<u8>> = vec![
        vec![],
        good[..good.len() - 1].to_vec(),
        [&good[..], &[0]].concat(),
        other,
    ];
    for position in [0, 20, 45, 80, 300, good.len() - 1] {
        let mut flipped = good.clone();
        flipped[position] ^= 4;
        damaged.push(flipped);
    }
    for bytes in damaged {
        std::fs::write(&first.path, bytes).unwrap();
        let again = Whitening::fit_cached(&images, ZcaVariant::KORNIA, &cache).unwrap();
        assert!(
            matches!(again.notice, CacheNotice::Replaced { .. }),
            "{:?}",
            again.notice
        );
        assert_eq!(again.whitening, first.whitening);
        assert_eq!(std::fs::read(&first.path).unwrap(), good);
    }
}
