//! Inspections as aligned text.
use std::fmt;

use super::{
    FileInspection, FolderInspection, Histogram, Inspection, LabelSummary, RowKind, TensorSummary,
};

/// Widest column.
const WIDEST: usize = 60;
/// Lines of one kind that are written before the rest is counted.
const SHOWN: usize = 20;

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => file.fmt(f),
            Self::Folder(folder) => folder.fmt(f),
        }
    }
}

impl fmt::Display for FileInspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = if self.tensors.len() == 1 { "" } else { "s" };
        writeln!(
            f,
            "{}: {}, {} tensor{s}\n",
            self.path.display(),
            self.format,
            self.tensors.len()
        )?;
        let head = [
            "name", "shape", "type", "min", "max", "mean", "std", "nan", "inf",
        ];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        rows.extend(self.tensors.iter().map(cells));
        write_table(f, &rows, 3)?;
        for tensor in &self.tensors {
            if let Some(labels) = &tensor.labels {
                writeln!(f, "\n{}", name(tensor))?;
                write_labels(f, labels)?;
            }
        }
        if !self.skipped.is_empty() {
            writeln!(f, "\nnot tensors:")?;
            for skipped in self.skipped.iter().take(SHOWN) {
                let name = if skipped.name.is_empty() {
                    "(root)".to_owned()
                } else {
                    skipped.name.clone()
                };
                writeln!(f, "  {}: {}", cut(name), cut(skipped.what.clone()))?;
            }
            write_rest(f, self.skipped.len(), SHOWN)?;
        }
        Ok(())
    }
}

impl fmt::Display for FolderInspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: image folder, {} classes, {} images\n",
            self.path.display(),
            self.classes.len(),
            self.images
        )?;
        let mut rows = vec![["label", "class", "images"].map(str::to_owned).to_vec()];
        let classes = self.classes.iter().enumerate().take(SHOWN);
        rows.extend(classes.map(|(label, class)| {
            vec![
                label.to_string(),
                class.name.clone(),
                class.images.to_string(),
            ]
        }));
        write_table(f, &rows, 2)?;
        write_rest(f, self.classes.len(), SHOWN)?;
        writeln!(f, "\nsizes (width x height):")?;
        for size in self.sizes.iter().take(SHOWN) {
            writeln!(
                f,
                "  {}x{}: {} images",
                size.width, size.height, size.images
            )?;
        }
        write_rest(f, self.sizes.len(), SHOWN)?;
        if self.broken_count > 0 {
            writeln!(f, "\nimages that cannot be used:")?;
            for (path, reason) in self.broken.iter().take(SHOWN) {
                writeln!(f, "  {}: {reason}", path.display())?;
            }
            write_rest(f, self.broken_count, SHOWN)?;
        }
        if self.odd_count > 0 {
            writeln!(
                f,
                "\nfiles that do not belong (expected <class>/<image file>):"
            )?;
            for path in self.odd.iter().take(SHOWN) {
                writeln!(f, "  {}", path.display())?;
            }
            write_rest(f, self.odd_count, SHOWN)?;
        }
        Ok(())
    }
}

fn name(tensor: &TensorSummary) -> &str {
    if tensor.name.is_empty() {
        "(bare tensor)"
    } else {
        &tensor.name
    }
}

/// A text of a file as much as fits a line; the whole of it is in the JSON.
fn cut(text: String) -> String {
    const LONGEST: usize = 200;
    if text.chars().count() <= LONGEST {
        return text;
    }
    let shown: String = text.chars().take(LONGEST).collect();
    format!("{shown}...")
}

fn cells(tensor: &TensorSummary) -> Vec<String> {
    let sizes: Vec<String> = tensor.shape.iter().map(ToString::to_string).collect();
    vec![
        cut(name(tensor).to_owned()),
        cut(format!("[{}]", sizes.join(", "))),
        tensor.element.to_string(),
        number(tensor.min),
        number(tensor.max),
        number(tensor.mean),
        number(tensor.std),
        tensor.nan.to_string(),
        tensor.infinite.to_string(),
    ]
}

fn number(value: Option<f64>) -> String {
    match value {
        None => "-".to_owned(),
        Some(v) if v.fract() == 0.0 && v.abs() < 1e7 => format!("{v}"),
        Some(v) if (1e-3..1e5).contains(&v.abs()) => format!("{v:.4}"),
        Some(v) => format!("{v:.3e}"),
    }
}

fn write_labels(f: &mut fmt::Formatter<'_>, labels: &LabelSummary) -> fmt::Result {
    match labels {
        LabelSummary::Hard { histogram } => {
            writeln!(f, "  as class indices: {histogram}")
        }
        LabelSummary::Soft { rows, histogram } => {
            let kind = match rows {
                RowKind::OneHot => "one-hot labels",
                RowKind::Probabilities => "probabilities (every row sums to 1)",
                RowKind::Logits => "logits or scores (rows do not sum to 1)",
            };
            writeln!(
                f,
                "  as soft labels: {kind}; largest in each row: {histogram}"
            )
        }
    }
}

impl fmt::Display for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = &self.0;
        if let Some(first) = counts.first()
            && counts.iter().all(|n| n == first)
        {
            return write!(f, "{} classes with {first} each", counts.len());
        }
        write!(f, "{} classes;", counts.len())?;
        for (class, count) in counts.iter().enumerate().take(SHOWN) {
            write!(f, " {class}: {count}")?;
        }
        if counts.len() > SHOWN {
            write!(f, " and {} more", counts.len() - SHOWN)?;
        }
        Ok(())
    }
}

fn write_rest(f: &mut fmt::Formatter<'_>, count: usize, shown: usize) -> fmt::Result {
    if count > shown {
        writeln!(f, "  and {} more", count - shown)?;
    }
    Ok(())
}

/// Writes rows of cells; the first `left` columns are aligned left, the others right.
fn write_table(f: &mut fmt::Formatter<'_>, rows: &[Vec<String>], left: usize) -> fmt::Result {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    // One long cell does not push the others off the screen: it sticks out of its own line.
    let widths: Vec<usize> = (0..columns)
        .map(|column| width(column).min(WIDEST))
        .collect();
    for row in rows {
        let mut line = String::new();
        for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
            if column > 0 {
                line.push_str("  ");
            }
            if column < left {
                line.push_str(cell);
            }
            // Not by a format's width, which panics beyond 65,535 columns.
            let space = width.saturating_sub(cell.chars().count());
            line.extend(std::iter::repeat_n(' ', space));
            if column >= left {
                line.push_str(cell);
            }
        }
        writeln!(f, "{}", line.trim_end())?;
    }
    Ok(())
}
