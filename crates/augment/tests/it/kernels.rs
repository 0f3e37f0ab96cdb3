//! The kernels of the `flex` backend against burn's operators, which an autodiff device runs.

use burn::tensor::{Device, Tensor, TensorData};
use ddrank_augment::{CutMix, Flip, Resize, ResizeCrop, Size, Transform};
use proptest::prelude::*;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

fn generator(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// The same random pictures on both devices.
fn pictures(shape: [usize; 4], seed: u64) -> [Tensor<4>; 2] {
    let mut draws = generator(seed);
    let numbers: Vec<f32> = (0..shape.iter().product())
        .map(|_| draws.random::<f32>() * 2.0 - 1.0)
        .collect();
    let data = TensorData::new(numbers, shape);
    [Device::flex(), Device::flex().autodiff()]
        .map(|device| Tensor::from_data(data.clone(), &device))
}

fn values(images: Tensor<4>) -> Vec<f32> {
    images.into_data().try_to_vec().unwrap()
}

/// Applies a transform on both devices and compares numbers.
fn compare<T: Transform>(
    transform: &T,
    shape: [usize; 4],
    seed: u64,
    tolerance: f32,
) -> Result<(), TestCaseError> {
    let draws = transform.draw(shape, &mut generator(seed));
    let [kernel, composed] = pictures(shape, seed).map(|images| transform.apply(images, &draws));
    prop_assert_eq!(kernel.dims(), composed.dims());
    close(kernel, composed, tolerance)
}

fn close(kernel: Tensor<4>, composed: Tensor<4>, tolerance: f32) -> Result<(), TestCaseError> {
    for (kernel, composed) in values(kernel).iter().zip(values(composed)) {
        prop_assert!(
            (kernel - composed).abs() <= tolerance,
            "{kernel} instead of {composed}"
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn crops_are_the_same(
        (height, width) in (1usize..40, 1usize..40),
        (rows, columns) in (1usize..40, 1usize..40),
        batch in 1usize..4,
        seed: u64,
    ) {
        let size = Size::Exact { height: rows, width: columns };
        let crop = ResizeCrop::new(size, ResizeCrop::SCALE, ResizeCrop::RATIO).unwrap();
        compare(&crop, [batch, 2, height, width], seed, 2e-5)?;
        compare(&Resize::new(size).unwrap(), [batch, 2, height, width], seed, 2e-5)?;
    }

    #[test]
    fn pictures_of_several_sizes_are_resized_the_same(
        sizes in prop::collection::vec((1usize..30, 1usize..30), 1..4),
        side in 1usize..20,
        seed: u64,
    ) {
        let sizes: Vec<[usize; 2]> = sizes.into_iter().map(Into::into).collect();
        let largest = |axis: usize| sizes.iter().map(|size| size[axis]).max().unwrap();
        let shape = [sizes.len(), 3, largest(0), largest(1)];
        let resize = Resize::new(Size::Side(side)).unwrap();
        let [kernel, composed] =
            pictures(shape, seed).map(|images| resize.apply_ragged(images, &sizes, &()));
        prop_assert_eq!(kernel.dims(), composed.dims());
        close(kernel, composed, 2e-5)?;
    }

    #[test]
    fn flips_and_boxes_are_the_same_bit_for_bit(
        shape in [1usize..6, 1usize..4, 1usize..20, 1usize..20],
        seed: u64,
    ) {
        compare(&Flip::new(0.5).unwrap(), shape, seed, 0.0)?;
        compare(&CutMix::new(1.0).unwrap(), shape, seed, 0.0)?;
    }
}

/// What is read as it lies in memory has to lie there as its shape says.
#[test]
fn pictures_that_lie_otherwise_in_memory_are_read_right() {
    let [pictures, _] = pictures([2, 3, 7, 5], 1);
    let turned = pictures.clone().swap_dims(2, 3);
    let straight = Tensor::from_data(turned.to_data(), &Device::flex());
    let flip = Flip::new(1.0).unwrap();
    let flags = vec![true, false];
    assert_eq!(
        values(flip.apply(turned, &flags)),
        values(flip.apply(straight, &flags))
    );
}
