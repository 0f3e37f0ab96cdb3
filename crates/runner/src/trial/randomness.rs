//! Keyed random streams: every draw of an evaluation comes from here.
//!
//! A stream is named by what it is for, never by when it is used, so a trial sees the same numbers on every device,
//! at any number of workers and in any order of trials.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Domain separation; a new string means new numbers everywhere.
const CONTEXT: &str = "ddrank 2026-11-21 random streams v1";

/// What a random stream is drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Weights of an agent model. Arms of one round share them, so that their difference is a paired one.
    Initialisation,
    /// The random selection of real images.
    Selection,
    /// The order of the training images in one epoch.
    Shuffle,
    /// Augmentation parameters of one batch.
    Augmentation,
    /// What dropout and stochastic depth leave out in one batch.
    Dropout,
    /// Images of noise.
    Noise,
}

impl Purpose {
    fn code(self) -> u64 {
        match self {
            Self::Initialisation => 1,
            Self::Selection => 2,
            Self::Shuffle => 3,
            Self::Augmentation => 4,
            Self::Dropout => 5,
            Self::Noise => 6,
        }
    }
}

/// The source of all streams of one experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Randomness {
    seed: u64,
    round: u64,
}

impl Randomness {
    /// The streams of one round (0-based) of the experiment with this seed.
    pub fn new(seed: u64, round: u32) -> Self {
        Self {
            seed,
            round: u64::from(round),
        }
    }

    /// The stream for one purpose that a round needs once.
    pub fn stream(&self, purpose: Purpose) -> ChaCha8Rng {
        self.keyed(purpose, 0, 0)
    }

    /// The stream for one epoch (0-based).
    pub fn epoch(&self, purpose: Purpose, epoch: u32) -> ChaCha8Rng {
        self.keyed(purpose, u64::from(epoch), 0)
    }

    /// The stream for one batch (0-based) of one epoch (0-based).
    pub fn batch(&self, purpose: Purpose, epoch: u32, batch: usize) -> ChaCha8Rng {
        self.keyed(purpose, u64::from(epoch), batch as u64)
    }

    fn keyed(&self, purpose: Purpose, epoch: u64, batch: u64) -> ChaCha8Rng {
        let mut name = [0_u8; 40];
        let fields = [self.seed, purpose.code(), self.round, epoch, batch];
        for (bytes, field) in name.chunks_exact_mut(8).zip(fields) {
            bytes.copy_from_slice(&field.to_le_bytes());
        }
        ChaCha8Rng::from_seed(blake3::derive_key(CONTEXT, &name))
    }
}

/// A uniform permutation of `0..count`, by Fisher and Yates with unbiased bounded integers.
pub fn permutation(count: usize, generator: &mut (impl rand::Rng + ?Sized)) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        order.swap(last, below(last as u64 + 1, generator) as usize);
    }
    order
}

/// A uniform integer in `0..bound`: Lemire's multiplication with rejection, written out so that the numbers do not
/// depend on a library's choice of algorithm.
fn below(bound: u64, generator: &mut (impl rand::Rng + ?Sized)) -> u64 {
    let threshold = bound.wrapping_neg() % bound;
    loop {
        let product = u128::from(generator.next_u64()) * u128::from(bound);
        if product as u64 >= threshold {
            return (product >> 64) as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::Rng;

    /// Recorded once: a change here changes every score that ddrank ever printed.
    #[test]
    fn streams_are_the_recorded_ones() {
        let mut stream = Randomness::new(7, 2).batch(Purpose::Augmentation, 3, 4);
        let got = [stream.next_u64(), stream.next_u64()];
        assert_eq!(got, RECORDED, "{got:#x?}");
        let order = permutation(10, &mut Randomness::new(0, 0).epoch(Purpose::Shuffle, 0));
        assert_eq!(order, RECORDED_ORDER);
    }
    const RECORDED: [u64; 2] = [0xf3fd_a046_f14d_4e93, 0xd2a3_b8e4_9e08_e0eb];
    const RECORDED_ORDER: [usize; 10] = [6, 1, 4, 0, 2, 7, 3, 8, 5, 9];

    #[test]
    fn every_field_of_the_name_matters() {
        let base = Randomness::new(1, 1);
        let mut seen = std::collections::BTreeSet::new();
        let streams = [
            base.batch(Purpose::Augmentation, 1, 1),
            base.batch(Purpose::Augmentation, 1, 2),
            base.batch(Purpose::Augmentation, 2, 1),
            base.batch(Purpose::Shuffle, 1, 1),
            base.batch(Purpose::Dropout, 1, 1),
            Randomness::new(2, 1).batch(Purpose::Augmentation, 1, 1),
            Randomness::new(1, 2).batch(Purpose::Augmentation, 1, 1),
            base.stream(Purpose::Initialisation),
            base.stream(Purpose::Selection),
        ];
        for mut stream in streams {
            assert!(seen.insert(stream.next_u64()));
        }
    }

    #[test]
    fn permutations_of_three_are_equally_likely() {
        let mut generator = Randomness::new(0, 0).stream(Purpose::Shuffle);
        let mut counts = std::collections::BTreeMap::<Vec<usize>, u32>::new();
        for _ in 0..6000 {
            *counts.entry(permutation(3, &mut generator)).or_default() += 1;
        }
        assert_eq!(counts.len(), 6);
        // Chi-square with 5 degrees of freedom: 20.5 is the 0.1 % point.
        let chi: f64 = counts
            .values()
            .map(|&c| (f64::from(c) - 1000.0).powi(2) / 1000.0)
            .sum();
        assert!(chi < 20.5, "chi-square {chi}");
    }

    proptest! {
        #[test]
        fn a_permutation_holds_every_index_once(count in 0_usize..200, seed in any::<u64>()) {
            let mut order = permutation(count, &mut Randomness::new(seed, 0).stream(Purpose::Shuffle));
            order.sort_unstable();
            prop_assert_eq!(order, (0..count).collect::<Vec<_>>());
        }
    }
}
