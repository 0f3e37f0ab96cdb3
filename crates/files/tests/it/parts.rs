//! Tensors that are written part by part.

use std::path::Path;

use ddrank_files::{
    ElementType, FileError, FileFormat, FileTensor, Limits, PartsFormat, PartsLayout, TensorParts,
    read_tensor_file, write_in_parts, write_safetensors,
};
use proptest::prelude::*;

fn layout(shape: &[usize], element: ElementType) -> PartsLayout<'_> {
    PartsLayout {
        name: "labels",
        shape,
        element,
    }
}

fn write(path: &Path, layout: PartsLayout<'_>, parts: &[&[f32]]) -> Result<(), FileError> {
    write_in_parts(path, layout, |out: &mut TensorParts<'_>| {
        parts.iter().try_for_each(|part| out.write(part))
    })
}

fn refusal(error: &FileError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text.push_str(&format!("; {error}"));
        source = error.source();
    }
    text
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

proptest! {
    #[test]
    fn what_is_written_in_parts_is_read_back(
        rows in 0_usize..6, columns in 1_usize..5, cut in 0_usize..20, half in any::<bool>(), npy in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(if npy { "out.npy" } else { "out.safetensors" });
        let values: Vec<f32> = (0..rows * columns).map(|i| i as f32 * 0.25 - 1.5).collect();
        let element = if half { ElementType::F16 } else { ElementType::F32 };
        let (first, second) = values.split_at(cut.min(values.len()));
        write(&path, layout(&[rows, columns], element), &[first, second]).unwrap();
        let file = read_tensor_file(&path, &Limits::default()).unwrap();
        let tensor = file.select(None).unwrap();
        prop_assert_eq!(tensor.shape(), [rows, columns]);
        prop_assert_eq!(tensor.element(), element);
        prop_assert_eq!(tensor.to_f32(), values);
        let (name, format) = if npy { ("", FileFormat::Npy) } else { ("labels", FileFormat::Safetensors) };
        prop_assert_eq!(tensor.name(), name);
        prop_assert_eq!(file.format(), format);
        prop_assert_eq!(names_in(folder.path()).len(), 1);
    }
}

#[test]
fn in_parts_or_at_once_the_bytes_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (parts, whole) = (
        folder.path().join("parts.safetensors"),
        folder.path().join("whole"),
    );
    let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    write(
        &parts,
        layout(&[3, 2], ElementType::F32),
        &[&values[..2], &values[2..]],
    )
    .unwrap();
    let tensor = FileTensor::from_f32("labels", vec![3, 2], &values).unwrap();
    write_safetensors(&whole, &[tensor]).unwrap();
    assert_eq!(std::fs::read(parts).unwrap(), std::fs::read(whole).unwrap());
}

/// The bytes that `numpy.save` writes for `numpy.zeros((2, 1), '<f4')` and `numpy.zeros(3, '<f2')`.
#[test]
fn npy_headers_are_numpys() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.NPY");
    for (shape, element, text) in [
        (
            &[2, 1][..],
            ElementType::F32,
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }",
        ),
        (
            &[3],
            ElementType::F16,
            "{'descr': '<f2', 'fortran_order': False, 'shape': (3,), }",
        ),
    ] {
        let count = shape.iter().product::<usize>();
        write(&path, layout(shape, element), &[&vec![0.0; count]]).unwrap();
        let mut expected = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
        expected.extend(format!("{text:<117}\n").bytes());
        expected.extend(vec![0; count * element.size()]);
        assert_eq!(expected.len() - count * element.size(), 128);
        assert_eq!(std::fs::read(&path).unwrap(), expected);
    }
}

#[test]
fn whatever_goes_wrong_leaves_the_former_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.npy");
    std::fs::write(&path, "former").unwrap();
    let single = layout(&[2, 2], ElementType::F32);
    let half = layout(&[2, 2], ElementType::F16);
    let cases: [(PartsLayout<'_>, &[&[f32]], &str); 4] = [
        (single, &[&[1.0; 3]], "1 of 4 numbers are missing"),
        (single, &[&[1.0; 3], &[1.0; 2]], "room for 1 more"),
        (
            half,
            &[&[1.0, 2.0], &[3.0, 70_000.0]],
            "the number 70000 in half precision",
        ),
        (
            layout(&[2], ElementType::U8),
            &[],
            "allowed are f32 and f16",
        ),
    ];
    for (layout, parts, problem) in cases {
        let error = refusal(&write(&path, layout, parts).unwrap_err());
        assert!(
            error.contains(problem) && error.contains("out.npy"),
            "{error}"
        );
    }
    let given_up = write_in_parts(&path, single, |parts| {
        parts.write(&[1.0])?;
        Err(FileError::NotScalar("my own reason".into()))
    });
    assert!(refusal(&given_up.unwrap_err()).contains("my own reason"));
    assert_eq!(std::fs::read(&path).unwrap(), b"former");
    assert_eq!(names_in(folder.path()), ["out.npy"]);

    let nowhere = folder.path().join("nowhere/out.npy");
    assert!(refusal(&write(&nowhere, single, &[&[1.0; 4]]).unwrap_err()).contains("nowhere"));
}

#[test]
fn the_extension_decides_the_container() {
    for (name, expected) in [
        ("a.safetensors", PartsFormat::Safetensors),
        ("a.b.SafeTensors", PartsFormat::Safetensors),
        ("folder.pt/a.npy", PartsFormat::Npy),
    ] {
        assert_eq!(PartsFormat::of(Path::new(name)).unwrap(), expected);
    }
    for (name, seen) in [
        ("a.pt", "`.pt`"),
        ("a.npz", "`.npz`"),
        ("npy", "without an extension"),
    ] {
        let error = refusal(&PartsFormat::of(Path::new(name)).unwrap_err());
        assert!(
            error.contains(seen) && error.contains(".safetensors and .npy"),
            "{error}"
        );
    }
}
