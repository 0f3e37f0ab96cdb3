//! Random selection of real images, the baseline of every score.

use rand::Rng;

/// A selection that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SelectionError {
    /// No images per class asked for.
    #[error("0 images per class asked for: expected at least 1")]
    NoImages,
    /// A class has fewer images than asked for.
    #[error("class {class} has {has} images: {needs} per class asked for")]
    TooFew {
        /// The class, from 0.
        class: usize,
        /// Images it has.
        has: usize,
        /// Images asked for.
        needs: usize,
    },
    /// A label that is not a class.
    #[error("image {index} has label {label}: expected 0 to {last}", last = classes.saturating_sub(1))]
    Label {
        /// Which image, from 0.
        index: usize,
        /// Its label.
        label: u32,
        /// Number of classes.
        classes: usize,
    },
}

/// Draws `ipc` different images of each class, uniformly without replacement.
///
/// The result is class-major: `ipc` positions of class 0, then of class 1, and so on, in the order drawn. The
/// sampling (a partial Fisher-Yates shuffle with unbiased bounded integers made from `next_u64`) is part of the
/// contract: the same generator gives the same positions on every platform and in every version.
///
/// # Errors
///
/// When `ipc` is 0, a class has fewer than `ipc` images, or a label is not below `classes`.
pub fn random_selection<R: Rng + ?Sized>(
    labels: &[u32],
    classes: usize,
    ipc: usize,
    rng: &mut R,
) -> Result<Vec<usize>, SelectionError> {
    if ipc == 0 {
        return Err(SelectionError::NoImages);
    }
    // Positions, not images: the same draw serves sets in memory and in files.
    let mut members = vec![Vec::new(); classes];
    for (index, &label) in labels.iter().enumerate() {
        match members.get_mut(label as usize) {
            Some(class) => class.push(index),
            None => {
                return Err(SelectionError::Label {
                    index,
                    label,
                    classes,
                });
            }
        }
    }
    // Before the first draw, so that an error does not depend on the generator.
    if let Some((class, few)) = members.iter().enumerate().find(|(_, all)| all.len() < ipc) {
        return Err(SelectionError::TooFew {
            class,
            has: few.len(),
            needs: ipc,
        });
    }
    let mut chosen = Vec::with_capacity(classes * ipc);
    for mut class in members {
        for position in 0..ipc {
            let left = (class.len() - position) as u64;
            let drawn = position + below(left, rng) as usize;
            // Only the first `ipc` places of the shuffle are needed, so only they are drawn.
            class.swap(position, drawn);
        }
        chosen.extend_from_slice(&class[..ipc]);
    }
    Ok(chosen)
}

/// A uniform integer in `0..bound` (`bound` above 0): the high half of a 64 x 64 bit product, drawing again
/// where the low half falls into the uneven rest (Lemire 2019, doi:10.1145/3230636).
fn below<R: Rng + ?Sized>(bound: u64, rng: &mut R) -> u64 {
    let rest = bound.wrapping_neg() % bound;
    loop {
        let product = u128::from(rng.next_u64()) * u128::from(bound);
        if product as u64 >= rest {
            return (product >> 64) as u64;
        }
    }
}
