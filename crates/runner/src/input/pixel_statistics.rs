//! What pixels look like in numbers: range, channel means and deviations, and how much neighbours have in common.

use ddrank_data::ImageShape;

/// Sides below this many pixels say nothing about neighbours.
const SMALLEST_SIDE: usize = 8;
/// Values beyond this are at the edge of -1 to 1.
const EDGE: f32 = 0.95;

/// Statistics of a set of images of floats.
#[derive(Clone, Debug, PartialEq)]
pub struct PixelStatistics {
    /// The smallest value.
    pub min: f32,
    /// The largest value.
    pub max: f32,
    /// Mean of each channel.
    pub means: Vec<f64>,
    /// Standard deviation of each channel (divided by n).
    pub deviations: Vec<f64>,
    /// Share of values below -0.95 or above 0.95.
    pub edge: f64,
    /// Correlation of pixels with those one pixel and two pixels beside and below them; absent for sides under eight pixels,
    /// and where all pixels of a channel are equal.
    pub neighbours: Option<[f64; 2]>,
}

impl PixelStatistics {
    /// Of images `[n, channels, height, width]` in row-major order; `None` of no image.
    #[must_use]
    pub fn of(values: &[f32], shape: ImageShape) -> Option<Self> {
        let plane = shape.height * shape.width;
        if values.is_empty() || plane == 0 {
            return None;
        }
        let planes = || values.chunks_exact(plane).enumerate();
        let mut means = vec![0.0; shape.channels];
        for (index, plane) in planes() {
            means[index % shape.channels] += plane.iter().map(|&v| f64::from(v)).sum::<f64>();
        }
        let count = (values.len() / shape.channels) as f64;
        means.iter_mut().for_each(|mean| *mean /= count);
        let mut variances = vec![0.0; shape.channels];
        let mut products = [0.0; 2];
        let mut pairs = [0_usize; 2];
        for (index, plane) in planes() {
            let channel = index % shape.channels;
            let mean = means[channel];
            let centred: Vec<f64> = plane.iter().map(|&v| f64::from(v) - mean).collect();
            variances[channel] += centred.iter().map(|v| v * v).sum::<f64>();
            for distance in 1..=2 {
                let (sum, count) = products_at(&centred, shape, distance);
                products[distance - 1] += sum;
                pairs[distance - 1] += count;
            }
        }
        let total = variances.iter().sum::<f64>() / values.len() as f64;
        let is_large = shape.height.min(shape.width) >= SMALLEST_SIDE;
        let neighbours = (is_large && total > 0.0)
            .then(|| [0, 1].map(|i| products[i] / pairs[i] as f64 / total));
        let (min, max) = values
            .iter()
            .fold((f32::INFINITY, f32::NEG_INFINITY), |(min, max), &v| {
                (min.min(v), max.max(v))
            });
        let edge = values.iter().filter(|v| v.abs() > EDGE).count() as f64 / values.len() as f64;
        Some(Self {
            min,
            max,
            means,
            deviations: variances.iter().map(|v| (v / count).sqrt()).collect(),
            edge,
            neighbours,
        })
    }
}

/// Sum and number of the products of pixels of one plane with those `distance` pixels beside and below.
fn products_at(plane: &[f64], shape: ImageShape, distance: usize) -> (f64, usize) {
    let (mut sum, mut count) = (0.0, 0);
    for row in plane.chunks_exact(shape.width) {
        for (a, b) in row.iter().zip(row.iter().skip(distance)) {
            sum += a * b;
            count += 1;
        }
    }
    let below = plane.iter().skip(distance * shape.width);
    for (a, b) in plane.iter().zip(below) {
        sum += a * b;
        count += 1;
    }
    (sum, count)
}
