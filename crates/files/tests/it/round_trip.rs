//! What is written as safetensors is read back bit by bit.
use ddrank_files::{
    ElementType, FileError, FileTensor, Limits, read_tensor_file, write_safetensors,
};
use proptest::prelude::*;

const ELEMENTS: [ElementType; 10] = [
    ElementType::F64,
    ElementType::F32,
    ElementType::F16,
    ElementType::BF16,
    ElementType::I64,
    ElementType::I32,
    ElementType::I16,
    ElementType::I8,
    ElementType::U8,
    ElementType::Bool,
];

prop_compose! {
    fn any_tensor()(
        element in proptest::sample::select(ELEMENTS.to_vec()),
        shape in proptest::collection::vec(0_usize..5, 0..4),
        seed in any::<u64>(),
    ) -> (ElementType, Vec<usize>, Vec<u8>) {
        let length = shape.iter().product::<usize>() * element.size();
        let bytes = (0..length as u64).map(|i| (seed.wrapping_mul(i * 2 + 1) >> 29) as u8).collect();
        (element, shape, bytes)
    }
}

proptest! {
    #[test]
    fn written_tensors_come_back(
        parts in proptest::collection::btree_map("[a-z.0-9\"é]{0,8}", any_tensor(), 1..6),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.safetensors");
        let mut tensors: Vec<FileTensor> = parts
            .into_iter()
            .map(|(name, (element, shape, bytes))| FileTensor::new(name, shape, element, bytes).unwrap())
            .collect();
        write_safetensors(&path, &tensors).unwrap();
        let mut read = read_tensor_file(&path, &Limits::default()).unwrap().tensors().to_vec();
        tensors.sort_by_key(|t| t.name().to_owned());
        read.sort_by_key(|t| t.name().to_owned());
        prop_assert_eq!(read, tensors);
    }
}

#[test]
fn writing_replaces_and_leaves_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.safetensors");
    for value in [1.0, 2.0] {
        let tensor = FileTensor::from_f32("x", vec![1], &[value]).unwrap();
        write_safetensors(&path, &[tensor]).unwrap();
        let read = read_tensor_file(&path, &Limits::default()).unwrap();
        assert_eq!(read.select(Some("x")).unwrap().to_f32(), [value]);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_name_used_twice_or_reserved_is_refused_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.safetensors");
    let named = |name: &str| FileTensor::from_i64(name, vec![1], &[1]).unwrap();
    let twice = write_safetensors(&path, &[named("x"), named("x")]).unwrap_err();
    assert!(
        matches!(twice, FileError::Write { source, .. } if matches!(*source, FileError::DuplicateName(_)))
    );
    assert!(write_safetensors(&path, &[named("__metadata__")]).is_err());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
