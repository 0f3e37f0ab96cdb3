//! A generator that both sides compute: for what dropout and stochastic depth leave out.

use std::convert::Infallible;

use rand::TryRng;

use super::weight_rule::mixed;

/// Words by the rule of the zoo's goldens: word i is a hash of i and the seed.
#[derive(Clone, Debug)]
pub struct Words {
    salt: u32,
    taken: u32,
}

impl Words {
    /// The words of that seed, from the first one.
    #[must_use]
    pub const fn new(seed: u32) -> Self {
        Self {
            salt: seed.wrapping_mul(0x85EB_CA6B),
            taken: 0,
        }
    }
}

impl TryRng for Words {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let word = mixed(self.taken.wrapping_mul(0x9E37_79B1) ^ self.salt);
        self.taken = self.taken.wrapping_add(1);
        Ok(word)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let low = self.try_next_u32()?;
        let high = self.try_next_u32()?;
        Ok(u64::from(high) << 32 | u64::from(low))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(4) {
            let word = self.try_next_u32()?.to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}
