//! What changes a tensor's numbers after it was made: read as PyTorch reads it, or the tensor is refused by name.
use std::path::Path;

use ddrank_files::{Limits, TensorFile, read_tensor_file};

fn fixture(name: &str) -> TensorFile {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/files");
    read_tensor_file(&path.join(name), &Limits::default()).unwrap()
}

/// A pickle of protocol 2 in PyTorch's container, with the storage 1, 2, 3, 4.
fn read(program: &[&[u8]]) -> TensorFile {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.pt");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let data: Vec<u8> = [1_f32, 2.0, 3.0, 4.0]
        .iter()
        .flat_map(|v| v.to_le_bytes())
        .collect();
    let pickle = [b"\x80\x02", program.concat().as_slice(), b"."].concat();
    for (name, content) in [("x/data.pkl", &pickle), ("x/data/0", &data)] {
        zip.start_file(name, options).unwrap();
        std::io::Write::write_all(&mut zip, content).unwrap();
    }
    zip.finish().unwrap();
    read_tensor_file(&path, &Limits::default()).unwrap()
}

const STORAGE: &[u8] =
    b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x04tQ";

/// Puts a tensor of the whole storage on the stack; `rest` stands behind its strides.
fn tensor(rest: &[u8]) -> Vec<u8> {
    let call = b"ctorch._utils\n_rebuild_tensor_v2\n(";
    [call, STORAGE, b"K\x00K\x04\x85K\x01\x85\x89N", rest, b"tR"].concat()
}

/// `{"keep": tensor, "x": changed}`.
fn beside(changed: &[u8]) -> TensorFile {
    let keep = tensor(b"");
    read(&[
        b"}(X\x04\x00\x00\x00keep",
        &keep,
        b"X\x01\x00\x00\x00x",
        changed,
        b"u",
    ])
}

fn refusal(file: &TensorFile) -> &str {
    assert_eq!(
        file.select(Some("keep")).unwrap().to_f32(),
        [1.0, 2.0, 3.0, 4.0]
    );
    let error = file.select(Some("x")).unwrap_err();
    assert!(
        std::error::Error::source(&error)
            .unwrap()
            .to_string()
            .contains("`x` is")
    );
    assert_eq!(file.skipped()[0].name, "x");
    &file.skipped()[0].what
}

/// The values are PyTorch 2.15's: `z.conj().imag`, `torch._neg_view` and a parameter of one.
#[test]
fn lazy_signs_are_turned_as_pytorch_turns_them() {
    for name in ["neg-zip.pt", "neg-legacy.pt"] {
        let file = fixture(name);
        let values = |key: &str| file.select(Some(key)).unwrap().to_f64();
        assert_eq!(values("imag"), [-3.0, -4.0], "{name}");
        assert_eq!(values("neg"), [-1.5, 2.0], "{name}");
        assert_eq!(values("param"), [-0.5, 1.0], "{name}");
        assert_eq!(values("i"), [-1.0, 2.0, -300.0], "{name}");
        assert_eq!(values("h"), [-1.5, 2.0], "{name}");
    }
}

#[test]
fn unknown_metadata_refuses_the_tensor_by_name() {
    let what = |metadata: &[u8]| refusal(&beside(&tensor(metadata))).to_owned();
    assert!(
        what(b"}X\x05\x00\x00\x00scaleG\x40\x00\x00\x00\x00\x00\x00\x00s")
            .contains("metadata `scale`")
    );
    assert!(what(b"}X\x03\x00\x00\x00negK\x01s").contains("metadata `neg`"));
    assert!(what(b"K\x05").contains("a number for metadata"));
    let plain = beside(&tensor(b"}X\x04\x00\x00\x00conj\x88s"));
    assert_eq!(
        plain.select(Some("x")).unwrap().to_f32(),
        [1.0, 2.0, 3.0, 4.0]
    );
}

#[test]
fn a_state_set_afterwards_is_what_counts() {
    // `set_` of a view of two elements, from the third on; on a parameter, whose tensor stays as it was.
    let set = [b"(", STORAGE, b"K\x02K\x02\x85K\x01\x85tb"].concat();
    let file = beside(&[tensor(b"").as_slice(), &set].concat());
    assert_eq!(file.select(Some("x")).unwrap().to_f32(), [3.0, 4.0]);
    let parameter = [
        b"ctorch._utils\n_rebuild_parameter\n(".as_slice(),
        &tensor(b""),
        b"q\x07\x89NtR",
        &set,
        b"X\x01\x00\x00\x00yh\x07",
    ];
    let file = beside(&parameter.concat());
    assert_eq!(file.select(Some("x")).unwrap().to_f32(), [3.0, 4.0]);
    assert_eq!(
        file.select(Some("y")).unwrap().to_f32(),
        [1.0, 2.0, 3.0, 4.0]
    );
    // Three parts change no number; another count is nobody's.
    let file = beside(&[tensor(b"").as_slice(), b"\x89N}\x87b"].concat());
    assert_eq!(file.select(Some("x")).unwrap().len(), 4);
    let file = beside(&[tensor(b"").as_slice(), b"K\x01K\x02\x86b"].concat());
    assert!(refusal(&file).contains("state"));
}

#[test]
fn attributes_that_write_numbers_refuse_the_tensor() {
    let of_class = |class: &[u8], state: &[u8]| {
        let start = b"ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._utils\n_rebuild_tensor_v2\nc";
        let view = [b"(", STORAGE, b"K\x00K\x04\x85K\x01\x85\x89Nt"].concat();
        beside(&[start, class, &view, state, b"tR"].concat())
    };
    let attribute = |name: &str| {
        [
            b"}X",
            (name.len() as u32).to_le_bytes().as_slice(),
            name.as_bytes(),
            b"K\x01s",
        ]
        .concat()
    };
    let file = of_class(b"torch\nTensor\n", &attribute("tag"));
    assert_eq!(file.select(Some("x")).unwrap().len(), 4);
    assert!(refusal(&of_class(b"torch\nTensor\n", &attribute("data"))).contains("`data`"));
    assert!(refusal(&of_class(b"my\nScaled\n", &attribute("scale"))).contains("my.Scaled"));
    assert_eq!(
        of_class(b"my\nPlain\n", b"}")
            .select(Some("x"))
            .unwrap()
            .len(),
        4
    );
}

#[test]
fn items_set_in_a_tensor_refuse_it() {
    let file = beside(&[tensor(b"").as_slice(), b"K\x00K\x05s"].concat());
    assert!(refusal(&file).contains("changed after it was made"));
}
