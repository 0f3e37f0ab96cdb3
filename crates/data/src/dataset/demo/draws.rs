//! Random numbers for drawing, the same on every platform.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The stream of random numbers of one image.
pub(super) struct Draws(ChaCha8Rng);

impl Draws {
    pub(super) fn new(seed: u64, split: u8, image: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        // Training and test images of the same number must not be alike.
        key[8] = split;
        key[16..].copy_from_slice(b"ddrank demo v1 \0");
        let mut generator = ChaCha8Rng::from_seed(key);
        generator.set_stream(image);
        Self(generator)
    }

    /// Uniform in 0 to 1, in steps of 2^-32.
    pub(super) fn unit(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / 4_294_967_296.0
    }

    /// Uniform between two numbers.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform in `low..=high`.
    pub(super) fn count(&mut self, low: u32, high: u32) -> u32 {
        let bound = u64::from(high - low) + 1;
        // One draw, no rejection: the bias is below 2^-28 for the few values that are asked for.
        low + ((u64::from(self.0.next_u32()) * bound) >> 32) as u32
    }

    /// True with this probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A uniform direction: a point of the unit disc, pushed to its edge. Needs no sine.
    pub(super) fn direction(&mut self) -> [f64; 2] {
        loop {
            let (x, y) = (self.between(-1.0, 1.0), self.between(-1.0, 1.0));
            let square = x * x + y * y;
            // Near the centre a division would magnify rounding.
            if (0.01..=1.0).contains(&square) {
                let length = square.sqrt();
                return [x / length, y / length];
            }
        }
    }

    /// A direction that leans by a tangent of at most `lean` from the horizontal axis.
    pub(super) fn near_upright(&mut self, lean: f64) -> [f64; 2] {
        let tangent = self.between(-lean, lean);
        let length = (1.0 + tangent * tangent).sqrt();
        [1.0 / length, tangent / length]
    }

    /// A colour shift of this length in a uniform direction.
    pub(super) fn shift(&mut self, length: f64) -> [f64; 3] {
        loop {
            let point = [
                self.between(-1.0, 1.0),
                self.between(-1.0, 1.0),
                self.between(-1.0, 1.0),
            ];
            let square = point[0] * point[0] + point[1] * point[1] + point[2] * point[2];
            if (0.01..=1.0).contains(&square) {
                let factor = length / square.sqrt();
                return point.map(|value| value * factor);
            }
        }
    }
}
