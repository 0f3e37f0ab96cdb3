//! Whether a teacher's accuracy is one of a teacher that knows the data.

use ddrank_metrics::Accuracy;

/// How many standard deviations of a count lie within its noise.
const NOISE: f64 = 3.0;
/// A fall that is no rounding and no choice of test images.
const FALL: f64 = 0.02;

/// What is suspicious about a teacher that gets this share of so many test images right, if anything.
///
/// `record` is its accuracy on the images of its own training's test, and how many those were.
pub(crate) fn suspicion(
    accuracy: Accuracy,
    images: usize,
    classes: usize,
    record: Option<(Accuracy, usize)>,
) -> Option<String> {
    let deviation =
        |share: f64, images: usize| (share * (1.0 - share) / images.max(1) as f64).sqrt();
    let (found, chance) = (accuracy.fraction(), 1.0 / classes as f64);
    let causes = "its classes in another order, another normalisation or whitening, other data, or weights that were never trained";
    if found <= chance + NOISE * deviation(chance, images) {
        return Some(format!(
            "gets {accuracy} of the {images} real test images right, and guessing {:.2} %: it does not know these data. The usual causes: {causes}",
            100.0 * chance
        ));
    }
    let (record, tested) = record?;
    let before = record.fraction();
    let noise = deviation(before, tested).hypot(deviation(found, images));
    (before - found > FALL + NOISE * noise).then(|| {
        format!(
            "gets {accuracy} of the {images} real test images right, and {record} when it was trained: it is used on other images, or on images that are prepared in another way. The usual causes: {causes}"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(value: f64) -> Accuracy {
        Accuracy::from_fraction(value).unwrap()
    }

    #[test]
    fn chance_and_a_fall_are_suspicious() {
        // Three deviations above chance, with 500 images of ten classes: 0.1 + 3 * 0.0134 = 0.1402.
        for (found, classes, record, part) in [
            (0.14, 10, None, Some("guessing 10.00 %")),
            (0.0, 10, None, Some("guessing 10.00 %")),
            (0.142, 10, None, None),
            (0.14, 100, None, None),
            (0.8, 10, Some(0.822), None),
            (0.5, 10, Some(0.822), Some("82.20 % when it was trained")),
            (0.9, 10, Some(0.822), None),
        ] {
            let record = record.map(|record| (share(record), 500));
            let found = suspicion(share(found), 500, classes, record);
            assert_eq!(found.is_some(), part.is_some(), "{found:?}");
            assert!(found.unwrap_or_default().contains(part.unwrap_or_default()));
        }
    }
}
