//! What was mixed into the pictures of a batch, for those who mix labels too.

/// Which picture was mixed into each picture of a batch, and how much of each stayed.
///
/// A loss on mixed labels is `weight * loss(labels) + (1 - weight) * loss(labels of the partners)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixing {
    /// For each picture the position of the one that was mixed in.
    pub partners: Vec<usize>,
    /// The weight of the picture's own label, 0 to 1: lambda of Mixup; of CutMix the share of the picture that was not
    /// covered by the box after the border cut it.
    pub weight: f64,
}

impl Mixing {
    pub(crate) fn new(partners: &[i32], weight: f64) -> Self {
        Self {
            partners: partners.iter().map(|&partner| partner as usize).collect(),
            weight,
        }
    }
}
