//! Whether images were prepared as the real ones are: normalised, whitened or scaled.
//!
//! Distilled images are no photographs: their contrast, their means and their noise differ from those of real ones by
//! method. So only what no method does is a sign. Measured on CIFAR-10 (`docs/differences.md` has the table):
//!
//! * **Whitening** takes away what pixels have in common over distances. The correlation with the second neighbour,
//!   divided by that with the first, is 0.9 for photographs and their distilled images, also under noise of twice their
//!   contrast and for images that were distilled from noise (0.8); 0.2 for whitened images and sets distilled from them.
//! * **Scales**: pixels of 0 to 1 and 0 to 255 have no negative values; those of -1 to 1 reach both ends and stop there.
//! * **Statistics**: deviations of published sets are 0.5 to 1.7 times those of the real images, means up to 1.6
//!   deviations off. Five times, and three deviations, are beyond all of them.

use std::fmt;

use crate::input::pixel_statistics::PixelStatistics;

/// The images of an experiment's dataset, as its trainings see them.
#[derive(Clone, Debug, PartialEq)]
pub struct PreparedReal {
    /// As prepared.
    pub prepared: PixelStatistics,
    /// As bytes of 0 to 255.
    pub bytes: PixelStatistics,
    /// Whether they are whitened.
    pub is_whitened: bool,
}

/// What images look like that were prepared otherwise than the real ones. Its `Display` says why.
#[derive(Clone, Debug, PartialEq)]
pub struct OtherPreparation {
    /// What they look like.
    pub looks: Looks,
    distilled: PixelStatistics,
    real: PixelStatistics,
}

/// What images look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looks {
    /// Pixels of 0 to 255.
    Bytes,
    /// Pixels of 0 to 1.
    UnitRange,
    /// Pixels of -1 to 1.
    SymmetricRange,
    /// Whitened, and the real images are not.
    Whitened,
    /// Not whitened, and the real images are.
    NotWhitened,
    /// Normalised with other statistics, or twice, or not.
    OtherStatistics,
}

impl OtherPreparation {
    /// Compares distilled images with the real ones.
    #[must_use]
    pub fn find(distilled: &PixelStatistics, real: &PreparedReal) -> Option<Self> {
        let looks = scale(distilled, real)
            .or_else(|| whitening(distilled, real))
            .or_else(|| statistics(distilled, real))?;
        Some(Self {
            looks,
            distilled: distilled.clone(),
            real: real.prepared.clone(),
        })
    }
}

/// Bytes, 0 to 1 and -1 to 1, unless this is how the real images are prepared.
fn scale(distilled: &PixelStatistics, real: &PreparedReal) -> Option<Looks> {
    let &PixelStatistics { min, max, edge, .. } = distilled;
    let spread = mean(&distilled.deviations);
    let usual = mean(&real.prepared.deviations);
    let is_own = |looks| !real.is_whitened && is_scaled_so(real, looks);
    let is_bytes = min >= -16.0 && max > 50.0 && max <= 271.0 && spread > 8.0 * usual;
    if is_bytes && mean(&distilled.means) > 0.0 && !is_own(Looks::Bytes) {
        return Some(Looks::Bytes);
    }
    let unit = mean(&real.bytes.deviations) / 255.0;
    let is_bounded = min >= -0.05 && max <= 1.05 && max > 0.0;
    // Optimised without bounds, pixels leave the range; means and contrast stay.
    let is_like_unit = min > -1.0
        && max < 2.0
        && distilled.means.iter().all(|m| (0.2..=0.8).contains(m))
        && (unit / 2.5..=unit * 2.5).contains(&spread)
        && spread * 2.5 < usual;
    if (is_bounded || is_like_unit) && !is_own(Looks::UnitRange) {
        return Some(Looks::UnitRange);
    }
    let is_symmetric = min >= -1.02 && max <= 1.02 && min < -0.9 && max > 0.9;
    // Faint images, such as class means, stay in this range too, but not at its ends.
    if is_symmetric && edge >= 0.002 && !is_own(Looks::SymmetricRange) {
        return Some(Looks::SymmetricRange);
    }
    None
}

/// Whether the real images are prepared to this scale.
fn is_scaled_so(real: &PreparedReal, looks: Looks) -> bool {
    let (factor, offset) = match looks {
        Looks::Bytes => (1.0, 0.0),
        Looks::UnitRange => (1.0 / 255.0, 0.0),
        Looks::SymmetricRange => (2.0 / 255.0, -1.0),
        Looks::Whitened | Looks::NotWhitened | Looks::OtherStatistics => return false,
    };
    let bytes = real.bytes.means.iter().zip(&real.bytes.deviations);
    let prepared = real.prepared.means.iter().zip(&real.prepared.deviations);
    bytes.zip(prepared).all(|((mean, std), (seen, spread))| {
        let (mean, std) = (mean * factor + offset, std * factor);
        (mean - seen).abs() <= 0.1 * spread && (std - spread).abs() <= 0.1 * spread
    })
}

/// Whitened where the real images are not, or the other way round.
fn whitening(distilled: &PixelStatistics, real: &PreparedReal) -> Option<Looks> {
    let [first, second] = distilled.neighbours?;
    let [usual, usual_second] = real.prepared.neighbours?;
    // Under a tenth the two are noise, and say nothing about what is under it.
    if first < 0.1 || usual < 0.1 {
        return None;
    }
    let (decay, usual_decay) = (second / first, usual_second / usual);
    if !real.is_whitened && usual >= 0.5 && usual_decay > 0.65 && decay < 0.5 && first < usual {
        return Some(Looks::Whitened);
    }
    let is_photograph = first >= 0.5 && decay > 0.65;
    if real.is_whitened && is_photograph && decay > usual_decay + 0.15 && first > usual + 0.1 {
        return Some(Looks::NotWhitened);
    }
    None
}

/// Means or deviations that no distillation explains.
fn statistics(distilled: &PixelStatistics, real: &PreparedReal) -> Option<Looks> {
    let usual = mean(&real.prepared.deviations);
    if usual <= 0.0 {
        return None;
    }
    let ratio = mean(&distilled.deviations) / usual;
    let pairs = distilled.means.iter().zip(&real.prepared.means);
    let shift = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max) / usual;
    (!(0.2..=5.0).contains(&ratio) || shift > 3.0).then_some(Looks::OtherStatistics)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

impl fmt::Display for OtherPreparation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (looks, advice) = match self.looks {
            Looks::Bytes => (
                "raw pixels of 0 to 255",
                "normalise them as the real images are",
            ),
            Looks::UnitRange => (
                "pixels scaled to [0, 1] that were not normalised",
                "normalise them as the real images are, or set `dataset.mean` to zeros and `dataset.std` to ones",
            ),
            Looks::SymmetricRange => (
                "pixels scaled to [-1, 1]",
                "normalise them as the real images are, or set `dataset.mean` and `dataset.std` to 0.5",
            ),
            Looks::Whitened => (
                "whitened, and the real images are not",
                "set `dataset.zca` to the whitening they were distilled with",
            ),
            Looks::NotWhitened => (
                "not whitened, and the real images are",
                "leave `dataset.zca` out, or whiten them",
            ),
            Looks::OtherStatistics => (
                "normalised with other statistics, twice or not at all",
                "set `dataset.mean` and `dataset.std` to those they were distilled with",
            ),
        };
        write!(
            f,
            "the images look like {looks}. They have {}; the real images as prepared have {}. A tensor file is used as it \
             is: {advice}",
            Figures(&self.distilled),
            Figures(&self.real)
        )
    }
}

/// Statistics in words.
struct Figures<'a>(&'a PixelStatistics);

impl fmt::Display for Figures<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(figures) = self;
        let list = |values: &[f64]| {
            let numbers: Vec<_> = values.iter().map(|v| format!("{v:.2}")).collect();
            numbers.join(", ")
        };
        write!(
            f,
            "mean {}, deviation {}, values from {:.2} to {:.2}",
            list(&figures.means),
            list(&figures.deviations),
            figures.min,
            figures.max
        )?;
        match figures.neighbours {
            Some([first, second]) => write!(
                f,
                ", correlation with the next pixel {first:.2} and with the one after it {second:.2}"
            ),
            None => Ok(()),
        }
    }
}
