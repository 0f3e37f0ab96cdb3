//! Images of noise: what soft labels and augmentation alone achieve (the paper's Figure 1).

use ddrank_data::{ImageShape, LabelledImages, Pixels};
use rand::Rng;

/// `ipc` images of uniformly random bytes for each class, class-major.
#[expect(
    clippy::expect_used,
    reason = "there are as many pixels and labels as the shape and the classes ask for"
)]
pub(crate) fn noise_images(
    shape: ImageShape,
    classes: usize,
    ipc: usize,
    generator: &mut (impl Rng + ?Sized),
) -> LabelledImages {
    let count = classes * ipc;
    let mut bytes = vec![0; count * shape.channels * shape.height * shape.width];
    generator.fill_bytes(&mut bytes);
    let labels = (0..count).map(|image| (image / ipc) as u32).collect();
    LabelledImages::new(shape, classes, Pixels::Bytes(bytes), labels)
        .expect("as many pixels and labels as images")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn noise_is_uniform_and_class_major() {
        let shape = ImageShape {
            channels: 3,
            height: 16,
            width: 16,
        };
        let noise = noise_images(shape, 4, 2, &mut ChaCha8Rng::seed_from_u64(1));
        assert_eq!(noise.labels(), [0, 0, 1, 1, 2, 2, 3, 3]);
        let bytes = noise.bytes().unwrap();
        let mean = bytes.iter().map(|&byte| f64::from(byte)).sum::<f64>() / bytes.len() as f64;
        // 6,144 uniform bytes: the standard error of their mean is 0.94.
        assert!((mean - 127.5).abs() < 5.0, "{mean}");
    }
}
