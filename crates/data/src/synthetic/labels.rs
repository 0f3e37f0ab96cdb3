//! The labels of a distilled set.
use std::path::Path;

use ddrank_files::FileTensor;

use super::error::SyntheticError;
use super::finite::check_finite;
use super::set::SyntheticLabels;
use super::warning::DataWarning;

/// Hard labels from `[n]` or `[n, 1]`, soft labels from `[n, classes]`.
pub(super) fn from_tensor(
    path: &Path,
    tensor: &FileTensor,
    count: usize,
    classes: usize,
    warnings: &mut Vec<DataWarning>,
) -> Result<SyntheticLabels, SyntheticError> {
    let shape = tensor.shape();
    let soft = match *shape {
        [_] | [_, 1] => false,
        // `[n, 1]` is caught above, so one class with one column counts as hard labels.
        [_, columns] if columns == classes => true,
        _ => {
            return Err(SyntheticError::LabelsShape {
                path: path.to_owned(),
                name: tensor.name().to_owned(),
                seen: shape.to_vec(),
                count,
                classes,
            });
        }
    };
    if shape[0] != count {
        return Err(SyntheticError::Count {
            path: path.to_owned(),
            what: "labels",
            seen: shape[0],
            expected: count,
            classes,
            ipc: count / classes,
        });
    }
    if soft {
        let rows = tensor.to_f32();
        check_finite(path, "labels", tensor.name(), &rows)?;
        let (hard, tied) = largest(&rows, classes);
        if let Some(&first) = tied.first() {
            warnings.push(DataWarning::TiedLabels {
                rows: tied.len(),
                first,
            });
        }
        return Ok(SyntheticLabels::Soft { rows, hard });
    }
    let values = tensor
        .to_i64()
        .map_err(|source| SyntheticError::LabelsNotIntegral {
            path: path.to_owned(),
            source,
        })?;
    let hard = values
        .iter()
        .enumerate()
        .map(|(index, &value)| {
            u32::try_from(value)
                .ok()
                .filter(|&label| (label as usize) < classes)
                .ok_or_else(|| SyntheticError::LabelRange {
                    path: path.to_owned(),
                    index,
                    value,
                    classes,
                })
        })
        .collect::<Result<_, _>>()?;
    Ok(SyntheticLabels::Hard(hard))
}

/// The position of the largest value of each row, the first of equal ones; and the rows that have several.
pub(super) fn largest(rows: &[f32], classes: usize) -> (Vec<u32>, Vec<usize>) {
    let mut tied = Vec::new();
    let hard = rows
        .chunks_exact(classes)
        .enumerate()
        .map(|(index, row)| {
            let mut best = 0;
            for (class, &value) in row.iter().enumerate() {
                // `>` keeps the first of equal values, as argmax of PyTorch and NumPy does.
                if value > row[best] {
                    best = class;
                }
            }
            if row.iter().filter(|&&value| value == row[best]).count() > 1 {
                tied.push(index);
            }
            best as u32
        })
        .collect();
    (hard, tied)
}

/// Warns when the classes do not have `ipc` images each.
pub(super) fn check_balance(
    hard: &[u32],
    classes: usize,
    ipc: usize,
    warnings: &mut Vec<DataWarning>,
) {
    let mut histogram = vec![0_usize; classes];
    for &label in hard {
        histogram[label as usize] += 1;
    }
    if histogram.iter().any(|&n| n != ipc) {
        warnings.push(DataWarning::NotBalanced { histogram, ipc });
    }
}
