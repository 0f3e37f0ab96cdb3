//! Hostile and damaged files: an error (or the right values), never a panic, a hang or memory beyond the limits.
use std::io::Write;
use std::path::{Path, PathBuf};

use ddrank_files::{FileError, Limits, TensorFile, read_tensor_file};
use proptest::prelude::*;

/// Small limits: a reader that ignored them would be seen to.
fn limits() -> Limits {
    Limits {
        max_tensor_bytes: 8 << 20,
        max_total_bytes: 16 << 20,
        max_entries: 1000,
        max_pickle_values: 100_000,
        ..Limits::default()
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/files")
        .join(name)
}

fn read(bytes: &[u8]) -> Result<TensorFile, String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    read_tensor_file(file.path(), &limits()).map_err(|error| match error {
        FileError::Read { source, .. } => source.to_string(),
        other => panic!("no path in {other:?}"),
    })
}

fn refused(bytes: &[u8], part: &str) {
    let message = read(bytes)
        .map(|f| format!("read {:?}", f.tensors().len()))
        .unwrap_err();
    assert!(message.contains(part), "expected `{part}` in: {message}");
}

const SMALL: [&str; 8] = [
    "nested-zip.pt",
    "nested-legacy.pt",
    "bare-zip.pt",
    "bare-legacy.pt",
    "types.safetensors",
    "fortran.npy",
    "packed.npz",
    "numpy-4.pkl",
];

#[test]
fn files_cut_off_anywhere_are_refused() {
    for name in SMALL {
        let whole = std::fs::read(fixture(name)).unwrap();
        assert!(read(&whole).is_ok(), "{name}");
        for length in 0..whole.len() {
            assert!(
                read(&whole[..length]).is_err(),
                "{name} cut to {length} bytes"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn flipped_bits_never_panic(
        which in 0..SMALL.len(),
        flips in proptest::collection::vec((any::<prop::sample::Index>(), 0_u8..8), 1..6),
    ) {
        let mut bytes = std::fs::read(fixture(SMALL[which])).unwrap();
        for (place, bit) in flips {
            let place = place.index(bytes.len());
            bytes[place] ^= 1 << bit;
        }
        if let Ok(file) = read(&bytes) {
            let total: usize = file.tensors().iter().map(|t| t.bytes().len()).sum();
            prop_assert!(total <= 16 << 20);
        }
    }

    #[test]
    fn random_bytes_behind_each_magic_never_panic(
        start in proptest::sample::select(vec![
            b"PK\x03\x04".to_vec(),
            b"\x93NUMPY\x01\x00\x40\x00{'descr': '<f4', 'shape': (".to_vec(),
            b"\x80\x02".to_vec(),
            b"\x10\x00\x00\x00\x00\x00\x00\x00{".to_vec(),
            b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.".to_vec(),
        ]),
        rest in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let _ = read(&[start, rest].concat());
    }

    #[test]
    fn random_programs_of_pickle_opcodes_never_panic(
        program in proptest::collection::vec(proptest::sample::select(vec![
            "(", ".", "0", "1", "2", "N", "K\x01", "]", "}", ")", "t", "a", "e", "s", "u", "d", "l", "q\x00", "h\x00",
            "Q", "R", "b", "o", "ccollections\nOrderedDict\n", "ctorch._utils\n_rebuild_tensor_v2\n",
            "ctorch\nFloatStorage\n", "X\x07\x00\x00\x00storage", "X\x01\x00\x00\x000", "ctorch\nSize\n",
            "cnumpy\ndtype\n", "X\x02\x00\x00\x00f4", "ca\nb\n",
        ]), 0..60),
    ) {
        let _ = read(&[b"\x80\x02", program.concat().as_bytes(), b"."].concat());
    }
}

/// A PyTorch zip around a pickle, with one storage `0` of the given bytes.
fn torch_zip(pickle: &[u8], storage: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("a/data.pkl", stored).unwrap();
    zip.write_all(pickle).unwrap();
    zip.start_file("a/data/0", stored).unwrap();
    zip.write_all(storage).unwrap();
    zip.finish().unwrap().into_inner()
}

/// The opcodes of one f32 tensor: numbers are 4-byte signed.
fn tensor(length: i32, offset: i32, shape: &[i32], strides: &[i32]) -> Vec<u8> {
    let int = |v: i32| [b"J".as_slice(), &v.to_le_bytes()].concat();
    let tuple = |v: &[i32]| {
        [
            b"(".as_slice(),
            &v.iter().flat_map(|&v| int(v)).collect::<Vec<u8>>(),
            b"t",
        ]
        .concat()
    };
    [
        b"ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\n"
            .as_slice(),
        b"X\x01\x00\x00\x000X\x03\x00\x00\x00cpu",
        &int(length),
        b"tQ",
        &int(offset),
        &tuple(shape),
        &tuple(strides),
        b"\x89}tR",
    ]
    .concat()
}

fn program(parts: &[&[u8]]) -> Vec<u8> {
    [b"\x80\x02".as_slice(), &parts.concat(), b"."].concat()
}

#[test]
fn the_hand_made_tensor_is_read() {
    let file = torch_zip(
        &program(&[&tensor(4, 1, &[3], &[1])]),
        &[0, 0, 0, 0, 0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64],
    );
    assert_eq!(read(&file).unwrap().tensors()[0].to_f32(), [1.0, 2.0, 3.0]);
}

#[test]
fn views_outside_their_storage_are_refused() {
    for (length, offset, shape, strides, part) in [
        (4, 0, vec![5], vec![1], "does not fit"),
        (4, 1, vec![4], vec![1], "does not fit"),
        (4, 0, vec![2, 2], vec![3, 1], "does not fit"),
        (4, i32::MAX, vec![1], vec![1], "does not fit"),
        (4, -1, vec![1], vec![1], "offset -1"),
        (4, 0, vec![-1], vec![1], "shape -1"),
        (4, 0, vec![2], vec![-1], "strides -1"),
        (4, 0, vec![2], vec![1, 1], "strides"),
        (5, 0, vec![4], vec![1], "needs 20 bytes"),
        (i32::MAX, 0, vec![4], vec![1], "needs 8589934588 bytes"),
        (-4, 0, vec![4], vec![1], "storage length -4"),
        (4, 0, vec![i32::MAX; 64], vec![0; 64], "does not fit"),
        (4, 0, vec![i32::MAX; 2], vec![i32::MAX; 2], "does not fit"),
        (4, 0, vec![1 << 30], vec![0], "more than the limit"),
        (4, 0, vec![1; 65], vec![1; 65], "dimensions"),
    ] {
        refused(
            &torch_zip(
                &program(&[&tensor(length, offset, &shape, &strides)]),
                &[0; 16],
            ),
            part,
        );
    }
}

#[test]
fn names_that_run_code_are_refused_and_named() {
    for (module, name) in [
        ("os", "system"),
        ("posix", "system"),
        ("subprocess", "Popen"),
        ("builtins", "eval"),
        ("__builtin__", "exec"),
        ("importlib", "import_module"),
    ] {
        let call = [
            format!("c{module}\n{name}\n").as_bytes(),
            b"X\x02\x00\x00\x00ls\x85R",
        ]
        .concat();
        let pickle = program(&[
            b"}(X\x01\x00\x00\x00a",
            &tensor(4, 0, &[4], &[1]),
            b"X\x01\x00\x00\x00b",
            &call,
            b"u",
        ]);
        refused(&torch_zip(&pickle, &[0; 16]), &format!("`{module}.{name}`"));
        refused(&program(&[&call]), &format!("`{module}.{name}`"));
    }
    // The form of protocol 4.
    refused(
        b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02ls\x85R.",
        "`os.system`",
    );
    // The form of protocol 0.
    refused(b"\x80\x02(ios\nsystem\n.", "`os.system`");
}

#[test]
fn unknown_objects_beside_tensors_are_left_out_and_listed() {
    let pickle = program(&[
        b"}(X\x01\x00\x00\x00a",
        &tensor(4, 0, &[4], &[1]),
        b"X\x01\x00\x00\x00bcmy.code\nThing\n)\x81}X\x01\x00\x00\x00lK\x01sbu",
    ]);
    let file = read(&torch_zip(&pickle, &[0; 16])).unwrap();
    assert_eq!(file.select(None).unwrap().name(), "a");
    assert_eq!(file.skipped()[0].name, "b");
    assert!(file.skipped()[0].what.contains("my.code.Thing"));
}

#[test]
fn values_that_contain_themselves_are_refused() {
    refused(&program(&[b"]q\x00h\x00a"]), "contains itself");
    refused(
        &program(&[b"}q\x00X\x01\x00\x00\x00ah\x00s"]),
        "contains itself",
    );
    refused(&program(&[b"]q\x00h\x00\x85a"]), "contains itself");
}

#[test]
fn nesting_is_limited() {
    for depth in [100, 10_000] {
        let lists = [b"]".repeat(depth), b"a".repeat(depth - 1)].concat();
        refused(&program(&[&lists]), "below");
        refused(&program(&[b")", &b"\x85".repeat(depth)]), "below");
        refused(
            &program(&[&b"(".repeat(depth), &b"t".repeat(depth)]),
            "below",
        );
    }
    refused(&program(&[&b"(".repeat(200_000)]), "marks");
    refused(&program(&[&b"N".repeat(200_000)]), "values");
    refused(&program(&[b"N", &b"2".repeat(200_000)]), "stack");
}

#[test]
fn values_doubled_through_the_memo_are_counted() {
    // x = [x, x], 60 times: 2^60 values when written out.
    let mut bomb = b"Nq\x00".to_vec();
    for _ in 0..60 {
        bomb.extend_from_slice(b"0](h\x00h\x00eq\x00");
    }
    refused(&program(&[&bomb]), "values in the pickle");
}

#[test]
fn ordered_dictionaries_copied_through_the_memo_are_counted() {
    // One list of 30,000 pairs, made into a dictionary 1000 times.
    let pairs = b"h\x00".repeat(30_000);
    let calls = b"h\x01h\x02\x85R".repeat(1000);
    let bomb = program(&[
        b"N)\x86q\x000ccollections\nOrderedDict\nq\x010](",
        &pairs,
        b"eq\x020(",
        &calls,
        b"t",
    ]);
    refused(&bomb, "copied items");
}

#[test]
fn one_storage_copied_into_many_tensors_is_limited() {
    // 100 tensors of 4 MiB from one storage of 4 bytes.
    let tensors: Vec<u8> = (0..100)
        .flat_map(|_| tensor(1, 0, &[1 << 20], &[0]))
        .collect();
    refused(
        &torch_zip(&program(&[b"(", &tensors, b"t"]), &[0; 4]),
        "all data up to",
    );
    // More tensors than entries.
    let tensors: Vec<u8> = (0..1001).flat_map(|_| tensor(1, 0, &[1], &[0])).collect();
    refused(
        &torch_zip(&program(&[b"(", &tensors, b"t"]), &[0; 4]),
        "more than 1000 tensors",
    );
}

#[test]
fn declared_lengths_beyond_the_file_are_refused() {
    for opcode in [
        &b"X\xff\xff\xff\xff"[..],
        b"B\xff\xff\xff\x7f",
        b"T\xff\xff\xff\x7f",
        b"\x8b\xff\xff\xff\x7f",
        b"\x8d\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7f",
    ] {
        refused(&program(&[opcode]), "cut off");
    }
    refused(
        b"\xff\xff\xff\x05\x00\x00\x00\x00{\"",
        "header is said to have",
    );
    refused(
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff{'",
        "more than the limit",
    );
    let npy = |shape: &str| {
        let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n");
        [
            b"\x93NUMPY\x01\x00".as_slice(),
            &(header.len() as u16).to_le_bytes(),
            header.as_bytes(),
            &[0; 16],
        ]
        .concat()
    };
    assert!(read(&npy("(4,)")).is_ok());
    for shape in [
        "(5,)",
        "(3,)",
        "(99999999999,)",
        "(4294967296, 4294967296, 4294967296)",
    ] {
        refused(&npy(shape), "needs");
    }
    let json = r#"{"x":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]}}"#;
    refused(
        &[
            &(json.len() as u64).to_le_bytes(),
            json.as_bytes(),
            &[0; 16],
        ]
        .concat(),
        "describes 4000000000000 bytes",
    );
}

#[test]
fn legacy_storages_longer_than_the_file_are_refused() {
    let mut bytes = std::fs::read(fixture("bare-legacy.pt")).unwrap();
    let place = bytes.len() - 24 - 8;
    for count in [7_u64, 1 << 40, u64::MAX, u64::MAX / 4 + 1] {
        bytes[place..place + 8].copy_from_slice(&count.to_le_bytes());
        refused(&bytes, "longer than the rest of the file");
    }
    bytes[place..place + 8].copy_from_slice(&5_u64.to_le_bytes());
    refused(&bytes, "needs 24 bytes");
}

fn packed(name: &str, content: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated);
    zip.start_file(name, options).unwrap();
    zip.write_all(content).unwrap();
    zip.finish().unwrap().into_inner()
}

fn read_with(bytes: &[u8], limits: &Limits) -> String {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    match read_tensor_file(file.path(), limits).unwrap_err() {
        FileError::Read { source, .. } => source.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn zip_bombs_are_refused() {
    // 32 MiB of zeros: about 1030 to 1.
    let bomb = packed("x.npy", &vec![0; 32 << 20]);
    let message = read_with(&bomb, &Limits::default());
    assert!(message.contains("unpacked from"), "{message}");
    refused(&bomb, "more than the limit");
    // The same with a size that lies.
    let honest = packed("x.npy", &vec![0; 1 << 20]);
    let size = (1_u32 << 20).to_le_bytes();
    for lie in [100_u32, 8 << 20, u32::MAX - 1] {
        let mut bytes = honest.clone();
        let places: Vec<usize> = (0..bytes.len() - 4)
            .filter(|&i| bytes[i..i + 4] == size)
            .collect();
        assert!(!places.is_empty());
        for place in places {
            bytes[place..place + 4].copy_from_slice(&lie.to_le_bytes());
        }
        assert!(read(&bytes).is_err(), "{lie}");
    }
}

#[test]
fn too_many_entries_are_refused() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for i in 0..1001 {
        zip.start_file(format!("{i}.npy"), zip::write::SimpleFileOptions::default())
            .unwrap();
    }
    refused(
        &zip.finish().unwrap().into_inner(),
        "more than 1000 entries",
    );
}

#[test]
fn other_files_say_what_they_begin_with() {
    refused(b"", "it is empty");
    refused(b"hello world", "hello world");
    refused(&packed("readme.txt", b"x"), "neither a `data.pkl`");
    assert!(
        read_with(
            &[b"\x93NUMPY\x09\x00".as_slice(), &[0; 9]].concat(),
            &Limits::default()
        )
        .contains("version 9")
    );
    let folder = tempfile::tempdir().unwrap();
    let error = read_tensor_file(folder.path(), &Limits::default()).unwrap_err();
    assert!(
        matches!(error, FileError::Read { source, .. } if source.to_string().contains("folder"))
    );
}
