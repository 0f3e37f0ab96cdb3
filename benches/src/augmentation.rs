//! Augmentation of images of 224 pixels: a random resized crop, a flip, CutMix.

use std::time::Instant;

use ddrank_augment::Augmentation;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::failure::Failure;
use crate::images::images;
use crate::place::Place;

/// Images a batch.
const BATCH: usize = 64;

/// Seconds a batch of each repetition, the first one included.
pub fn time(repetitions: usize, place: &Place) -> Result<Vec<f64>, Failure> {
    let images = images(BATCH, 224, &place.device);
    let augmentation: Augmentation = serde_json::from_str(
        r#"[{ "name": "resize-crop", "size": 224 }, { "name": "flip" }, { "name": "cutmix" }]"#,
    )?;
    let mut draws = ChaCha8Rng::seed_from_u64(0);
    let mut seconds = Vec::new();
    for _ in 0..=repetitions {
        let started = Instant::now();
        for _ in 0..place.steps {
            std::hint::black_box(augmentation.augment(images.clone(), &mut draws));
        }
        place.device.sync()?;
        seconds.push(started.elapsed().as_secs_f64() / place.steps as f64);
    }
    Ok(seconds)
}
