//! What nobody asked for does not block a file: it is listed.
use std::path::{Path, PathBuf};

use ddrank_files::{ElementType, Limits, read_tensor_file};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/files")
        .join(name)
}

fn refusal(path: &Path) -> String {
    let error = read_tensor_file(path, &Limits::default()).unwrap_err();
    std::error::Error::source(&error).unwrap().to_string()
}

/// Written by PyTorch 2.15 with NumPy 2.4: a static method, complex, sparse and quantised tensors, NumPy's random state,
/// arrays of objects and texts, a date and an 8-bit float.
#[test]
fn a_tensor_is_read_beside_everything_else() {
    let file = read_tensor_file(&fixture("neighbours.pt"), &Limits::default()).unwrap();
    assert_eq!(file.select(Some("x")).unwrap().to_f32(), [1.0, 2.0]);
    for (name, part) in [
        ("c", "ComplexFloatStorage"),
        ("sp", "_rebuild_sparse_tensor"),
        ("q", "_rebuild_qtensor"),
        ("o", "NumPy array"),
        ("t", "NumPy array"),
        ("f8", "float8_e5m2"),
        ("s", "getattr"),
    ] {
        let found = file.skipped().iter().find(|skipped| skipped.name == name);
        assert!(found.unwrap().what.contains(part), "{name}: {found:?}");
        let error = file.select(Some(name)).unwrap_err();
        let error = std::error::Error::source(&error).unwrap().to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn unsigned_numbers_are_read_to_the_last_bit() {
    for name in ["unsigned.pt", "unsigned.npz", "unsigned.safetensors"] {
        let file = read_tensor_file(&fixture(name), &Limits::default()).unwrap();
        let values = |key: &str| file.select(Some(key)).unwrap().to_i64().unwrap();
        assert_eq!(values("a"), [0, 65_535], "{name}");
        assert_eq!(values("b"), [0, 4_294_967_295], "{name}");
        assert_eq!(values("c"), [0, i64::MAX], "{name}");
    }
    let file = read_tensor_file(&fixture("unsigned.safetensors"), &Limits::default()).unwrap();
    assert_eq!(file.skipped()[0].name, "f8");
}

#[test]
fn two_bytes_of_anything_are_bfloat16() {
    let file = read_tensor_file(&fixture("bf16-jax.npy"), &Limits::default()).unwrap();
    let tensor = file.select(None).unwrap();
    assert_eq!(tensor.element(), ElementType::BF16);
    assert_eq!(tensor.to_f32(), [1.0, -2.5, 3.0]);
}

#[test]
fn old_protocols_and_containers_are_read() {
    for name in ["legacy-4.pt", "legacy-5.pt"] {
        let file = read_tensor_file(&fixture(name), &Limits::default()).unwrap();
        assert_eq!(file.select(None).unwrap().to_f32(), [1.0, 2.0], "{name}");
    }
    for name in ["numpy-old-0.pkl", "numpy-old-1.pkl"] {
        let file = read_tensor_file(&fixture(name), &Limits::default()).unwrap();
        assert_eq!(file.select(None).unwrap().to_f32(), [1.0, -2.0], "{name}");
    }
}

#[test]
fn other_kinds_of_files_are_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.pt");
    for (content, parts) in [
        (
            &b"version https://git-lfs.github.com/spec/v1\noid sha256:0"[..],
            ["Git LFS", "git lfs pull"],
        ),
        (b"<!DOCTYPE html><html>", ["web page", "download"]),
        (b"\n  <HTML>", ["web page", "download"]),
        (b"PAR1\0\0\0", ["Parquet", "numpy.savez"]),
        (b"\x89HDF\r\n\x1a\n", ["HDF5", "h5py"]),
        (b"\x86\xa4step\x01", ["MessagePack", "msgpack_restore"]),
        (b"{\"weight_map\": {}}", ["index", "join the parts"]),
        (b"\x1f\x8b\x08", ["gzip", "gunzip"]),
        (b"sys_info\0\0\0", ["before 0.2", "torch.save"]),
        (b"0\n1\n", ["begins with", "expected"]),
        (b"c is a letter\n", ["not a tensor file", "expected"]),
    ] {
        std::fs::write(&path, content).unwrap();
        let message = refusal(&path);
        for part in parts {
            assert!(message.contains(part), "{message}");
        }
    }
    let labels = folder.path().join("FKD/epoch_0");
    std::fs::create_dir_all(&labels).unwrap();
    std::fs::write(labels.join("batch_0.tar"), b"x").unwrap();
    assert!(refusal(&folder.path().join("FKD")).contains("mode = \"multiple\""));
}

#[test]
fn a_dictionary_that_appears_often_is_counted_each_time() {
    // One key 4,000 times, the dictionary 4,000 times in a list.
    let pickle = [
        b"\x80\x02]q\x00(}q\x01(".as_slice(),
        &b"K\x01N".repeat(4000),
        b"u",
        &b"h\x01".repeat(4000),
        b"e.",
    ]
    .concat();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.pkl");
    std::fs::write(&path, pickle).unwrap();
    let start = std::time::Instant::now();
    assert!(refusal(&path).contains("each counted as often as it appears"));
    assert!(start.elapsed().as_secs() < 2);
}

#[test]
fn names_give_no_orders_to_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.safetensors");
    let header = br#"{"a\u001b[31m":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#;
    let bytes = [&(header.len() as u64).to_le_bytes()[..], header, &[0; 4]].concat();
    std::fs::write(&path, bytes).unwrap();
    let file = read_tensor_file(&path, &Limits::default()).unwrap();
    assert_eq!(file.tensors()[0].name(), "a\\u{1b}[31m");
    assert!(file.select(Some("a\u{1b}[31m")).is_ok());
}

#[cfg(unix)]
#[test]
fn devices_and_pipes_are_refused_before_they_are_opened() {
    assert!(refusal(Path::new("/dev/zero")).contains("a device"));
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    if made.is_ok_and(|status| status.success()) {
        assert!(refusal(&pipe).contains("a pipe"));
    }
}
