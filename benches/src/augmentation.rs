//! Augmentation of images of 224 pixels: a random resized crop, a flip, CutMix.

use std::time::Instant;

use burn::tensor::Device;
use ddrank_augment::Augmentation;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::{Failure, images};

/// Images a batch.
const BATCH: usize = 64;

/// Seconds of each repetition, one batch each, the first one included.
pub fn time(repetitions: usize) -> Result<Vec<f64>, Failure> {
    let device = Device::flex();
    let images = images(BATCH, 224, &device);
    let augmentation: Augmentation = serde_json::from_str(
        r#"[{ "name": "resize-crop", "size": 224 }, { "name": "flip" }, { "name": "cutmix" }]"#,
    )?;
    let mut draws = ChaCha8Rng::seed_from_u64(0);
    let mut seconds = Vec::new();
    for _ in 0..=repetitions {
        let started = Instant::now();
        std::hint::black_box(augmentation.augment(images.clone(), &mut draws));
        seconds.push(started.elapsed().as_secs_f64());
    }
    Ok(seconds)
}
