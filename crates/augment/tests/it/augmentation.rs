//! What holds of every augmentation: draws, seeds, gradients.

use burn::tensor::{Device, Distribution, Tensor};
use ddrank_augment::{Augmentation, Dsa, DsaMode};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

fn images(device: &Device) -> Tensor<4> {
    Tensor::random([3, 3, 8, 6], Distribution::Normal(0.0, 1.0), device)
}

#[test]
fn none_changes_and_draws_nothing() {
    let device = Device::flex();
    let input = images(&device);
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let output = Augmentation::None.augment(input.clone(), &mut generator);
    input.into_data().assert_eq(&output.into_data(), true);
    assert_eq!(
        generator.next_u64(),
        ChaCha8Rng::seed_from_u64(1).next_u64()
    );
}

#[test]
fn a_seed_decides_the_result() {
    let device = Device::flex();
    let input = images(&device);
    let dsa = Dsa {
        mode: DsaMode::Multiple,
        ..Dsa::default()
    };
    let augmentation = Augmentation::Dsa(dsa);
    let run = |seed| {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        augmentation
            .augment(input.clone(), &mut generator)
            .into_data()
    };
    run(4).assert_eq(&run(4), true);
    assert_ne!(run(4), run(5));
}

#[test]
fn gradients_reach_the_images() {
    let device = Device::flex().autodiff();
    let input = images(&device).require_grad();
    let dsa = Dsa {
        mode: DsaMode::Multiple,
        ..Dsa::default()
    };
    let mut generator = ChaCha8Rng::seed_from_u64(2);
    let draws = dsa.draw(input.dims(), &mut generator);
    let gradients = dsa.apply(input.clone(), &draws).sum().backward();
    let gradient = input.grad(&gradients).unwrap().into_data();
    // Every operation is linear or affine in the image, so one step of any size is exact.
    let step = Tensor::<4>::random(
        [3, 3, 8, 6],
        Distribution::Normal(0.0, 1.0),
        &Device::flex(),
    );
    let plain = input.inner();
    let before = dsa.apply(plain.clone(), &draws).sum().into_scalar::<f32>();
    let after = dsa
        .apply(plain + step.clone(), &draws)
        .sum()
        .into_scalar::<f32>();
    let along = (Tensor::<4>::from_data(gradient, &Device::flex()) * step)
        .sum()
        .into_scalar::<f32>();
    assert!(
        (after - before - along).abs() < 1e-2 * (1.0 + along.abs()),
        "{} against {along}",
        after - before
    );
}
