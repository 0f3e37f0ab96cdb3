//! Tensors beside the images in their file that nobody named: labels and learning rates that would be lost.

use ddrank_files::{FileTensor, TensorFile};

use super::labels;
use super::set::NumberBeside;

/// A tensor that can be read as labels of all images.
pub(super) struct LabelTensor<'a> {
    pub(super) tensor: &'a FileTensor,
    /// Whether it has a row for each image instead of a class.
    pub(super) is_rows: bool,
    /// The class of each image: its own, or the position of the largest value of its row.
    classes: Vec<u32>,
    /// Whether every class has the same number of images.
    is_balanced: bool,
}

/// What label tensors say together.
pub(super) enum Said<'a, 'b> {
    /// There is none.
    Nothing,
    /// This is it; others may say the same.
    One(&'b LabelTensor<'a>),
    /// Tensors that contradict each other.
    Several(Vec<&'b LabelTensor<'a>>),
    /// Tensors that could be labels, but do not have as many images of every class.
    Doubtful(Vec<&'b LabelTensor<'a>>),
}

/// Every tensor that can be read as labels of `count` images, but those that are used for something else.
pub(super) fn label_tensors<'a>(
    tensors: impl IntoIterator<Item = &'a FileTensor>,
    used: &[&FileTensor],
    count: usize,
    classes: usize,
) -> Vec<LabelTensor<'a>> {
    tensors
        .into_iter()
        .filter(|tensor| !used.iter().any(|used| std::ptr::eq(*used, *tensor)))
        .filter_map(|tensor| LabelTensor::read(tensor, count, classes))
        .collect()
}

impl<'a> LabelTensor<'a> {
    fn read(tensor: &'a FileTensor, count: usize, classes: usize) -> Option<Self> {
        let (is_rows, labels) = match *tensor.shape() {
            [n] | [n, 1] if n == count => (false, indices(tensor, classes)?),
            [n, columns] if n == count && columns == classes && classes > 1 => {
                (true, largest(tensor, classes)?)
            }
            _ => return None,
        };
        let mut counts = vec![0_usize; classes];
        for &label in &labels {
            counts[label as usize] += 1;
        }
        let is_balanced = counts.iter().all(|&images| images * classes == count);
        // Losses and weights may happen to be whole numbers.
        let is_labels = is_balanced || !tensor.element().is_float() || is_rows;
        is_labels.then_some(Self {
            tensor,
            is_rows,
            classes: labels,
            is_balanced,
        })
    }

    /// The class of each image.
    pub(super) fn classes(&self) -> &[u32] {
        &self.classes
    }

    /// The name that a person needs to choose it.
    pub(super) fn describe(&self) -> String {
        let tensor = self.tensor;
        format!(
            "`{}` {:?} {}",
            tensor.name(),
            tensor.shape(),
            tensor.element()
        )
    }
}

/// Which of these tensors are the labels. Those in the list or dictionary of the images come before others, as do classes
/// before rows: rows may be what a teacher thinks of the images.
pub(super) fn said<'a, 'b>(images: &str, tensors: &[&'b LabelTensor<'a>]) -> Said<'a, 'b> {
    if tensors.is_empty() {
        return Said::Nothing;
    }
    let mut balanced: Vec<_> = tensors.iter().copied().filter(|t| t.is_balanced).collect();
    if balanced.is_empty() {
        return Said::Doubtful(tensors.to_vec());
    }
    if !agree(&balanced) {
        let closest = balanced
            .iter()
            .map(|t| shared(images, t.tensor.name()))
            .max();
        balanced.retain(|t| Some(shared(images, t.tensor.name())) == closest);
    }
    if !agree(&balanced) && balanced.iter().any(|t| !t.is_rows) {
        balanced.retain(|t| !t.is_rows);
    }
    if agree(&balanced) {
        Said::One(balanced[0])
    } else {
        Said::Several(balanced)
    }
}

fn agree(tensors: &[&LabelTensor<'_>]) -> bool {
    tensors
        .windows(2)
        .all(|pair| pair[0].classes == pair[1].classes)
}

/// How many steps of the paths inside the file two names share.
fn shared(a: &str, b: &str) -> usize {
    let steps = a.split('.').zip(b.split('.'));
    steps.take_while(|(a, b)| a == b).count()
}

fn indices(tensor: &FileTensor, classes: usize) -> Option<Vec<u32>> {
    let values = tensor.to_i64().ok()?.into_iter();
    let label = |value| {
        u32::try_from(value)
            .ok()
            .filter(|&label| (label as usize) < classes)
    };
    values.map(label).collect()
}

/// The position of the largest value of each row; `None` where one has no single largest value or is not finite.
fn largest(tensor: &FileTensor, classes: usize) -> Option<Vec<u32>> {
    let rows = tensor.to_f32();
    if !rows.iter().all(|value| value.is_finite()) {
        return None;
    }
    let (places, tied) = labels::largest(&rows, classes);
    tied.is_empty().then_some(places)
}

/// Positive floats of a file that are tensors of one number, which may be a learning rate.
pub(super) fn numbers(file: &TensorFile, used: &[&FileTensor]) -> Vec<NumberBeside> {
    let tensors = file.tensors().iter();
    let unused = tensors.filter(|tensor| !used.iter().any(|used| std::ptr::eq(*used, *tensor)));
    unused
        .filter(|tensor| tensor.len() == 1 && tensor.element().is_float())
        .map(|tensor| NumberBeside {
            name: tensor.name().to_owned(),
            value: tensor.to_f64()[0],
        })
        .filter(|number| number.value > 0.0 && number.value.is_finite())
        .collect()
}
