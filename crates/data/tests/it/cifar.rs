//! CIFAR files: good ones and broken ones.

use std::error::Error;
use std::fs;
use std::path::Path;

use ddrank_data::{
    DataError, DatasetName, DatasetSource, Normalisation, RealDataset, load_dataset,
};

const BATCHES: [&str; 6] = [
    "data_batch_1",
    "data_batch_2",
    "data_batch_3",
    "data_batch_4",
    "data_batch_5",
    "test_batch",
];

fn load(name: DatasetName, root: &Path) -> Result<RealDataset, DataError> {
    load_dataset(&DatasetSource {
        root: Some(root.to_owned()),
        ..DatasetSource::new(name)
    })
}

/// An error with its causes, as the binary shows it.
fn shown(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn refused(name: DatasetName, root: &Path) -> String {
    shown(&load(name, root).unwrap_err())
}

/// 3072 bytes that tell which record they belong to.
fn pixels(seed: u8) -> Vec<u8> {
    (0..3072_u32)
        .map(|k| (k * 7 + u32::from(seed) * 31) as u8)
        .collect()
}

/// Binary CIFAR-10: `per_file` records per batch, labels counting up from the batch number.
fn binary_cifar10(folder: &Path, per_file: u8) {
    fs::create_dir_all(folder).unwrap();
    for (batch, name) in (0_u8..).zip(BATCHES) {
        let records =
            (0..per_file).flat_map(|k| [vec![(batch + k) % 10], pixels(batch * 10 + k)].concat());
        fs::write(
            folder.join(format!("{name}.bin")),
            records.collect::<Vec<u8>>(),
        )
        .unwrap();
    }
}

/// A pickle as Python 2 wrote the official files: 8-bit strings, a numpy array by `_reconstruct` and state.
fn pickled(label_key: &str, labels: &[u8], width: u16, data: &[u8]) -> Vec<u8> {
    fn string(out: &mut Vec<u8>, text: &[u8]) {
        out.push(b'T');
        out.extend((text.len() as u32).to_le_bytes());
        out.extend(text);
    }
    let mut out = b"\x80\x02}(".to_vec();
    string(&mut out, b"batch_label");
    string(&mut out, b"a \xff batch");
    string(&mut out, b"data");
    out.extend(b"cnumpy.core.multiarray\n_reconstruct\nq\x01cnumpy\nndarray\nq\x02K\x00\x85U\x01b\x87Rq\x03(K\x01K");
    out.push(labels.len() as u8);
    out.push(b'M');
    out.extend(width.to_le_bytes());
    out.extend(b"\x86cnumpy\ndtype\nq\x04U\x02u1K\x00K\x01\x87Rq\x05(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89");
    string(&mut out, data);
    out.extend(b"tb");
    string(&mut out, label_key.as_bytes());
    out.extend(b"](");
    for &label in labels {
        out.extend([b'K', label]);
    }
    out.push(b'e');
    string(&mut out, b"filenames");
    out.extend(b"](");
    for _ in labels {
        string(&mut out, b"a.png");
    }
    out.extend(b"eu.");
    out
}

fn pickled_cifar10(folder: &Path, per_file: u8) {
    fs::create_dir_all(folder).unwrap();
    for (batch, name) in (0_u8..).zip(BATCHES) {
        let labels: Vec<u8> = (0..per_file).map(|k| (batch + k) % 10).collect();
        let data: Vec<u8> = (0..per_file).flat_map(|k| pixels(batch * 10 + k)).collect();
        fs::write(folder.join(name), pickled("labels", &labels, 3072, &data)).unwrap();
    }
}

#[test]
fn cifar10_is_read_from_both_layouts_and_from_parents() {
    let root = tempfile::tempdir().unwrap();
    let binary = root.path().join("a/cifar-10-batches-bin");
    let python = root.path().join("b/cifar-10-batches-py");
    binary_cifar10(&binary, 3);
    pickled_cifar10(&python, 3);
    for folder in [
        &binary,
        &root.path().join("a"),
        &python,
        &root.path().join("b"),
    ] {
        let dataset = load(DatasetName::Cifar10, folder).unwrap();
        assert_eq!(
            dataset.train.labels(),
            [0, 1, 2, 1, 2, 3, 2, 3, 4, 3, 4, 5, 4, 5, 6]
        );
        assert_eq!(dataset.test.labels(), [5, 6, 7]);
        assert_eq!(
            dataset.train.bytes().unwrap()[3072 * 4..3072 * 5],
            pixels(11)
        );
        assert_eq!(dataset.test.bytes().unwrap()[..3072], pixels(50));
        assert_eq!(dataset.class_names[9], "truck");
        assert_eq!(dataset.normalisation, Normalisation::cifar10());
        assert_eq!(dataset.train.shape().to_string(), "3x32x32");
    }
}

/// A batch as Python 3 writes it again after reading it with `encoding="bytes"` or `"latin1"`: what
/// `pickle.dumps({key("data"): pixels, key("labels"): labels}, protocol)` gives in Python 3.11 with NumPy 2.4, memo opcodes
/// left out, for keys that are bytes (protocol 3), bytes and pixels written as text (2), texts (4, 5).
fn of_python3(protocol: u8, labels: &[u8], data: &[u8]) -> Vec<u8> {
    let length = |bytes: &[u8]| (bytes.len() as u32).to_le_bytes();
    let latin1 = |bytes: &[u8]| {
        let text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
        let text = text.into_bytes();
        [
            b"c_codecs\nencode\nX",
            &length(&text)[..],
            &text,
            b"X\x06\0\0\0latin1\x86R",
        ]
        .concat()
    };
    let bytes = |bytes: &[u8]| match protocol {
        2 => latin1(bytes),
        5 => [b"\x96", &(bytes.len() as u64).to_le_bytes()[..], bytes].concat(),
        _ => [b"B", &length(bytes)[..], bytes].concat(),
    };
    let key = |name: &str| match protocol {
        2 | 3 => bytes(name.as_bytes()),
        _ => [b"\x8c", &[name.len() as u8][..], name.as_bytes()].concat(),
    };
    let kind: &[u8] = match protocol {
        2 | 3 => b"cnumpy\ndtype\nX\x02\0\0\0u1\x89\x88\x87R(K\x03X\x01\0\0\0|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb",
        _ => b"\x8c\x05numpy\x8c\x05dtype\x93\x8c\x02u1\x89\x88\x87R(K\x03\x8c\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb",
    };
    let shape = [&[b'K', labels.len() as u8][..], b"M\0\x0c\x86"].concat();
    let array = match protocol {
        5 => [
            b"\x8c\x13numpy._core.numeric\x8c\x0b_frombuffer\x93(",
            &bytes(data)[..],
            kind,
            &shape,
            b"\x8c\x01CtR",
        ]
        .concat(),
        _ => [
            b"cnumpy._core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85",
            &bytes(b"b")[..],
            b"\x87R(K\x01",
            &shape,
            kind,
            b"\x89",
            &bytes(data),
            b"tb",
        ]
        .concat(),
    };
    let labels = labels.iter().flat_map(|&label| [b'K', label]);
    let labels = [b"](", &labels.collect::<Vec<u8>>()[..], b"e"].concat();
    [
        &[0x80, protocol, b'}', b'('],
        &key("data")[..],
        &array,
        &key("labels"),
        &labels,
        b"u.",
    ]
    .concat()
}

#[test]
fn batches_that_python_3_wrote_again_hold_the_same() {
    for protocol in 2..=5 {
        let root = tempfile::tempdir().unwrap();
        for (batch, name) in (0_u8..).zip(BATCHES) {
            let data = [pixels(batch), pixels(100 + batch)].concat();
            let bytes = of_python3(protocol, &[batch, 9], &data);
            fs::write(root.path().join(name), bytes).unwrap();
        }
        let dataset = load(DatasetName::Cifar10, root.path()).unwrap();
        assert_eq!(dataset.train.labels(), [0, 9, 1, 9, 2, 9, 3, 9, 4, 9]);
        assert_eq!(dataset.test.labels(), [5, 9]);
        assert_eq!(
            dataset.test.bytes().unwrap(),
            [pixels(5), pixels(105)].concat(),
            "protocol {protocol}"
        );
    }
}

#[test]
fn cifar100_uses_fine_labels() {
    let root = tempfile::tempdir().unwrap();
    let binary = root.path().join("cifar-100-binary");
    fs::create_dir_all(&binary).unwrap();
    for (name, fine) in [("train.bin", 99), ("test.bin", 7)] {
        fs::write(binary.join(name), [vec![3, fine], pixels(fine)].concat()).unwrap();
    }
    let python = root.path().join("other/cifar-100-python");
    fs::create_dir_all(&python).unwrap();
    for (name, fine) in [("train", 99), ("test", 7)] {
        fs::write(
            python.join(name),
            pickled("fine_labels", &[fine], 3072, &pixels(fine)),
        )
        .unwrap();
    }
    for folder in [root.path(), python.as_path()] {
        let dataset = load(DatasetName::Cifar100, folder).unwrap();
        assert_eq!(
            (dataset.train.labels(), dataset.test.labels()),
            (&[99][..], &[7][..])
        );
        assert_eq!(dataset.train.bytes().unwrap(), pixels(99));
        assert_eq!(
            (dataset.class_names.len(), dataset.class_names[99].as_str()),
            (100, "worm")
        );
    }
}

#[test]
fn missing_cifar_files_are_listed() {
    let root = tempfile::tempdir().unwrap();
    let nothing = refused(DatasetName::Cifar10, root.path());
    assert!(
        nothing.contains("no cifar10 files in") && nothing.contains("cifar-10-batches-py"),
        "{nothing}"
    );
    let folder = root.path().join("cifar-10-batches-bin");
    binary_cifar10(&folder, 1);
    fs::remove_file(folder.join("data_batch_3.bin")).unwrap();
    fs::remove_file(folder.join("test_batch.bin")).unwrap();
    let some = refused(DatasetName::Cifar10, root.path());
    assert!(
        some.ends_with("missing data_batch_3.bin, test_batch.bin"),
        "{some}"
    );
}

#[test]
fn broken_binary_files_are_named() {
    let root = tempfile::tempdir().unwrap();
    binary_cifar10(root.path(), 2);
    let file = root.path().join("data_batch_2.bin");
    for length in [0, 3072, 6145, 6147] {
        fs::write(&file, vec![0; length]).unwrap();
        let error = refused(DatasetName::Cifar10, root.path());
        assert!(error.contains("data_batch_2.bin: "), "{error}");
        assert!(
            error.contains(&format!("{length} bytes: expected a multiple of 3073")),
            "{error}"
        );
    }
    fs::write(&file, [vec![9], pixels(0), vec![10], pixels(1)].concat()).unwrap();
    let error = refused(DatasetName::Cifar10, root.path());
    assert!(
        error.ends_with("data_batch_2.bin: record 1 has label 10: expected 0 to 9"),
        "{error}"
    );
}

#[test]
fn broken_pickles_are_named_and_never_panic() {
    let root = tempfile::tempdir().unwrap();
    pickled_cifar10(root.path(), 2);
    let file = root.path().join("data_batch_4");
    let good = pickled("labels", &[1, 2], 3072, &[pixels(1), pixels(2)].concat());
    let refused_with = |bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        let error = refused(DatasetName::Cifar10, root.path());
        assert!(error.contains("data_batch_4"), "{error}");
        error
    };
    let two = [pixels(1), pixels(2)].concat();
    assert!(
        refused_with(&pickled("labels", &[1, 2], 3072, &two[1..])).contains("holds 6143 bytes")
    );
    assert!(
        refused_with(&pickled("labels", &[1, 2], 1024, &two)).contains("expected [images, 3072]")
    );
    assert!(
        refused_with(&pickled("labels", &[1, 77], 3072, &two))
            .contains("record 1 has label 77: expected 0 to 9")
    );
    assert!(refused_with(&pickled("fine_labels", &[1, 2], 3072, &two)).contains("no key `labels`"));
    assert!(refused_with(b"\x80\x02}.").contains("no key `data`"));
    assert!(refused_with(b"\x80\x02]q\x00h\x00a.").contains("not a pickled CIFAR batch"));
    assert!(refused_with(b"cos\nsystem\n(S'true'\ntR.").contains("not a pickled CIFAR batch"));
    let error = refused_with(&[&good[..], b"x"].concat());
    assert!(error.contains("1 bytes follow the end"), "{error}");
    let text = |from: &[u8], to: &[u8]| {
        let at = good.windows(from.len()).position(|part| part == from);
        let at = at.unwrap();
        [&good[..at], to, &good[at + from.len()..]].concat()
    };
    // Column-major, one dimension, labels that are no whole numbers.
    assert!(refused_with(&text(b"tb\x89", b"tb\x88")).contains("column-major"));
    assert!(
        refused_with(&text(b"K\x02M\x00\x0c\x86", b"M\x00\x18\x85")).contains("has shape [6144]")
    );
    assert!(refused_with(&text(b"](K\x01K\x02", b"](K\x01N")).contains("expected a whole number"));
    assert!(
        refused_with(&text(b"](K\x01K\x02", b"](K\x01J\xff\xff\xff\xff"))
            .contains("record 1 has label -1")
    );
    // References that multiply: 2^40 elements if they were followed.
    let mut bomb = b"\x80\x02}(U\x01x]q\x00(K\x01K\x01e".to_vec();
    for level in 1..40 {
        bomb.extend([
            b'U',
            1,
            b'x',
            b']',
            b'q',
            level,
            b'(',
            b'h',
            level - 1,
            b'h',
            level - 1,
            b'e',
        ]);
    }
    bomb.extend(b"u.");
    refused_with(&bomb);
    for length in (0..good.len()).step_by(97) {
        refused_with(&good[..length]);
    }
    fs::write(&file, &good).unwrap();
    load(DatasetName::Cifar10, root.path()).unwrap();
}
