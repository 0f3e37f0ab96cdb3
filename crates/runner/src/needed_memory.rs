//! What a training needs at least, compared with the memory that there is, before any of it is allocated.

use burn::tensor::Device;
use ddrank_data::total_memory;
use ddrank_models::{InputShape, ModelError, ModelSpec};
use rand::Rng;

/// Bytes of a number.
const NUMBER: u64 = 4;

/// More memory than there is.
#[derive(Debug, thiserror::Error)]
#[error("{what} at least {needed} of memory, and there are {there}; {advice}", needed = gibibytes(*needed), there = gibibytes(*there))]
pub struct NeededMemory {
    /// What needs it.
    what: String,
    needed: u64,
    there: u64,
    advice: &'static str,
}

/// That this machine can hold the network, its gradients, a batch and what the first layer makes of it; the number of
/// weights. The true need is a few times that.
pub(crate) fn check_training(
    model: &ModelSpec,
    input: InputShape,
    classes: usize,
    batch: usize,
    generator: &mut impl Rng,
    device: &Device,
) -> Result<Option<NeededMemory>, ModelError> {
    let weights = model.weights(input, classes, generator, device)?;
    let pixels = (input.height as u64).saturating_mul(input.width as u64);
    let mut channels = input.channels as u64;
    if model.has_width() {
        channels += model.width.channels() as u64;
    }
    let images = pixels.saturating_mul(channels).saturating_mul(batch as u64);
    let numbers = weights.saturating_mul(2).saturating_add(images);
    let what = format!(
        "key `agent`: a training step of {model} ({:.1} million weights and their gradients, {batch} images of {}x{}x{}) needs",
        weights as f64 / 1e6,
        input.channels,
        input.height,
        input.width
    );
    let advice = "give a smaller `agent.width`, `training.batch_size` or `dataset.size`";
    Ok(compared(what, numbers.saturating_mul(NUMBER), advice))
}

/// That so many random selections of so many images can be held.
pub(crate) fn check_selections(rounds: u32, images: usize) -> Option<NeededMemory> {
    let indices = u64::from(rounds).saturating_mul(images as u64);
    let what = format!("key `rounds`: {rounds} random selections of {images} images need");
    compared(what, indices.saturating_mul(8), "give fewer `rounds`")
}

fn compared(what: String, needed: u64, advice: &'static str) -> Option<NeededMemory> {
    // 0 where it cannot be told.
    let there = total_memory();
    (there > 0 && needed > there).then_some(NeededMemory {
        what,
        needed,
        there,
        advice,
    })
}

fn gibibytes(bytes: u64) -> String {
    format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    fn checked(width: usize, side: usize, batch: usize) -> Option<NeededMemory> {
        let model = ModelSpec {
            width: width.into(),
            ..ModelSpec::new("ConvNet-3".parse().unwrap())
        };
        let input = InputShape {
            channels: 3,
            height: side,
            width: side,
        };
        let mut generator = ChaCha8Rng::seed_from_u64(0);
        check_training(&model, input, 10, batch, &mut generator, &Device::flex()).unwrap()
    }

    #[test]
    fn what_no_machine_holds_is_refused_with_its_size() {
        assert!(checked(128, 32, 256).is_none());
        // 100,000 images of 64 million pixels: 3.1 PB of pixels, 128 times that in channels.
        let error = checked(128, 8000, 100_000).unwrap().to_string();
        assert!(error.contains("100000 images of 3x8000x8000"), "{error}");
        assert!(check_selections(5, 100).is_none());
        let error = check_selections(u32::MAX, 1 << 30).unwrap().to_string();
        assert!(error.contains("key `rounds`"), "{error}");
    }
}
