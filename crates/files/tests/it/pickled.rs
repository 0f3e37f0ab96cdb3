//! Pickled dictionaries as Python writes them, and hostile ones.
use ddrank_files::{ElementType, FileError, Limits, PickledData};

/// `{"data": numpy.array([[0, 127, 128], [255, 10, 92]], numpy.uint8), "labels": [3, 70000], "batch_label": None}`, with
/// keys that are texts or bytes. Python 3's were written by Python 3.11 with NumPy 2.4 (`pickle.dumps(value, protocol)`),
/// Python 2's are what its pickler writes for the same value.
const WRITTEN: &[(&str, &[u8])] = &[
    ("Python 3, protocol 0, text", b"(dp0\nVdata\np1\ncnumpy._core.multiarray\n_reconstruct\np2\n(cnumpy\nndarray\np3\n(I0\ntp4\nc_codecs\nencode\np5\n(Vb\np6\nVlatin1\np7\ntp8\nRp9\ntp10\nRp11\n(I1\n(I2\nI3\ntp12\ncnumpy\ndtype\np13\n(Vu1\np14\nI00\nI01\ntp15\nRp16\n(I3\nV|\np17\nNNNI-1\nI-1\nI0\ntp18\nbI00\ng5\n(V\\u0000\x7f\x80\xff\\u000a\\u005c\np19\ng7\ntp20\nRp21\ntp22\nbsVlabels\np23\n(lp24\nI3\naI70000\nasVbatch_label\np25\nNs."),
    ("Python 3, protocol 0, bytes", b"(dp0\nc_codecs\nencode\np1\n(Vdata\np2\nVlatin1\np3\ntp4\nRp5\ncnumpy._core.multiarray\n_reconstruct\np6\n(cnumpy\nndarray\np7\n(I0\ntp8\ng1\n(Vb\np9\ng3\ntp10\nRp11\ntp12\nRp13\n(I1\n(I2\nI3\ntp14\ncnumpy\ndtype\np15\n(Vu1\np16\nI00\nI01\ntp17\nRp18\n(I3\nV|\np19\nNNNI-1\nI-1\nI0\ntp20\nbI00\ng1\n(V\\u0000\x7f\x80\xff\\u000a\\u005c\np21\ng3\ntp22\nRp23\ntp24\nbsg1\n(Vlabels\np25\ng3\ntp26\nRp27\n(lp28\nI3\naI70000\nasg1\n(Vbatch_label\np29\ng3\ntp30\nRp31\nNs."),
    ("Python 3, protocol 1, text", b"}q\x00(X\x04\x00\x00\x00dataq\x01cnumpy._core.multiarray\n_reconstruct\nq\x02(cnumpy\nndarray\nq\x03(K\x00tq\x04c_codecs\nencode\nq\x05(X\x01\x00\x00\x00bq\x06X\x06\x00\x00\x00latin1q\x07tq\x08Rq\x09tq\nRq\x0b(K\x01(K\x02K\x03tq\x0ccnumpy\ndtype\nq\x0d(X\x02\x00\x00\x00u1q\x0eI00\nI01\ntq\x0fRq\x10(K\x03X\x01\x00\x00\x00|q\x11NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tq\x12bI00\nh\x05(X\x08\x00\x00\x00\x00\x7f\xc2\x80\xc3\xbf\n\\q\x13h\x07tq\x14Rq\x15tq\x16bX\x06\x00\x00\x00labelsq\x17]q\x18(K\x03Jp\x11\x01\x00eX\x0b\x00\x00\x00batch_labelq\x19Nu."),
    ("Python 3, protocol 1, bytes", b"}q\x00(c_codecs\nencode\nq\x01(X\x04\x00\x00\x00dataq\x02X\x06\x00\x00\x00latin1q\x03tq\x04Rq\x05cnumpy._core.multiarray\n_reconstruct\nq\x06(cnumpy\nndarray\nq\x07(K\x00tq\x08h\x01(X\x01\x00\x00\x00bq\x09h\x03tq\nRq\x0btq\x0cRq\x0d(K\x01(K\x02K\x03tq\x0ecnumpy\ndtype\nq\x0f(X\x02\x00\x00\x00u1q\x10I00\nI01\ntq\x11Rq\x12(K\x03X\x01\x00\x00\x00|q\x13NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tq\x14bI00\nh\x01(X\x08\x00\x00\x00\x00\x7f\xc2\x80\xc3\xbf\n\\q\x15h\x03tq\x16Rq\x17tq\x18bh\x01(X\x06\x00\x00\x00labelsq\x19h\x03tq\x1aRq\x1b]q\x1c(K\x03Jp\x11\x01\x00eh\x01(X\x0b\x00\x00\x00batch_labelq\x1dh\x03tq\x1eRq\x1fNu."),
    ("Python 3, protocol 2, text", b"\x80\x02}q\x00(X\x04\x00\x00\x00dataq\x01cnumpy._core.multiarray\n_reconstruct\nq\x02cnumpy\nndarray\nq\x03K\x00\x85q\x04c_codecs\nencode\nq\x05X\x01\x00\x00\x00bq\x06X\x06\x00\x00\x00latin1q\x07\x86q\x08Rq\x09\x87q\nRq\x0b(K\x01K\x02K\x03\x86q\x0ccnumpy\ndtype\nq\x0dX\x02\x00\x00\x00u1q\x0e\x89\x88\x87q\x0fRq\x10(K\x03X\x01\x00\x00\x00|q\x11NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tq\x12b\x89h\x05X\x08\x00\x00\x00\x00\x7f\xc2\x80\xc3\xbf\n\\q\x13h\x07\x86q\x14Rq\x15tq\x16bX\x06\x00\x00\x00labelsq\x17]q\x18(K\x03Jp\x11\x01\x00eX\x0b\x00\x00\x00batch_labelq\x19Nu."),
    ("Python 3, protocol 2, bytes", b"\x80\x02}q\x00(c_codecs\nencode\nq\x01X\x04\x00\x00\x00dataq\x02X\x06\x00\x00\x00latin1q\x03\x86q\x04Rq\x05cnumpy._core.multiarray\n_reconstruct\nq\x06cnumpy\nndarray\nq\x07K\x00\x85q\x08h\x01X\x01\x00\x00\x00bq\x09h\x03\x86q\nRq\x0b\x87q\x0cRq\x0d(K\x01K\x02K\x03\x86q\x0ecnumpy\ndtype\nq\x0fX\x02\x00\x00\x00u1q\x10\x89\x88\x87q\x11Rq\x12(K\x03X\x01\x00\x00\x00|q\x13NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tq\x14b\x89h\x01X\x08\x00\x00\x00\x00\x7f\xc2\x80\xc3\xbf\n\\q\x15h\x03\x86q\x16Rq\x17tq\x18bh\x01X\x06\x00\x00\x00labelsq\x19h\x03\x86q\x1aRq\x1b]q\x1c(K\x03Jp\x11\x01\x00eh\x01X\x0b\x00\x00\x00batch_labelq\x1dh\x03\x86q\x1eRq\x1fNu."),
    ("Python 3, protocol 3, text", b"\x80\x03}q\x00(X\x04\x00\x00\x00dataq\x01cnumpy._core.multiarray\n_reconstruct\nq\x02cnumpy\nndarray\nq\x03K\x00\x85q\x04C\x01bq\x05\x87q\x06Rq\x07(K\x01K\x02K\x03\x86q\x08cnumpy\ndtype\nq\x09X\x02\x00\x00\x00u1q\n\x89\x88\x87q\x0bRq\x0c(K\x03X\x01\x00\x00\x00|q\x0dNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tq\x0eb\x89C\x06\x00\x7f\x80\xff\n\\q\x0ftq\x10bX\x06\x00\x00\x00labelsq\x11]q\x12(K\x03Jp\x11\x01\x00eX\x0b\x00\x00\x00batch_labelq\x13Nu."),
    ("Python 3, protocol 3, bytes", b"\x80\x03}q\x00(C\x04dataq\x01cnumpy._core.multiarray\n_reconstruct\nq\x02cnumpy\nndarray\nq\x03K\x00\x85q\x04C\x01bq\x05\x87q\x06Rq\x07(K\x01K\x02K\x03\x86q\x08cnumpy\ndtype\nq\x09X\x02\x00\x00\x00u1q\n\x89\x88\x87q\x0bRq\x0c(K\x03X\x01\x00\x00\x00|q\x0dNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tq\x0eb\x89C\x06\x00\x7f\x80\xff\n\\q\x0ftq\x10bC\x06labelsq\x11]q\x12(K\x03Jp\x11\x01\x00eC\x0bbatch_labelq\x13Nu."),
    ("Python 3, protocol 4, text", b"\x80\x04\x95\xbf\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x04data\x94\x8c\x16numpy._core.multiarray\x94\x8c\x0c_reconstruct\x94\x93\x94\x8c\x05numpy\x94\x8c\x07ndarray\x94\x93\x94K\x00\x85\x94C\x01b\x94\x87\x94R\x94(K\x01K\x02K\x03\x86\x94h\x05\x8c\x05dtype\x94\x93\x94\x8c\x02u1\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01|\x94NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t\x94b\x89C\x06\x00\x7f\x80\xff\n\\\x94t\x94b\x8c\x06labels\x94]\x94(K\x03Jp\x11\x01\x00e\x8c\x0bbatch_label\x94Nu."),
    ("Python 3, protocol 4, bytes", b"\x80\x04\x95\xbf\x00\x00\x00\x00\x00\x00\x00}\x94(C\x04data\x94\x8c\x16numpy._core.multiarray\x94\x8c\x0c_reconstruct\x94\x93\x94\x8c\x05numpy\x94\x8c\x07ndarray\x94\x93\x94K\x00\x85\x94C\x01b\x94\x87\x94R\x94(K\x01K\x02K\x03\x86\x94h\x05\x8c\x05dtype\x94\x93\x94\x8c\x02u1\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01|\x94NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t\x94b\x89C\x06\x00\x7f\x80\xff\n\\\x94t\x94bC\x06labels\x94]\x94(K\x03Jp\x11\x01\x00eC\x0bbatch_label\x94Nu."),
    ("Python 3, protocol 5, text", b"\x80\x05\x95\xaa\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x04data\x94\x8c\x13numpy._core.numeric\x94\x8c\x0b_frombuffer\x94\x93\x94(\x96\x06\x00\x00\x00\x00\x00\x00\x00\x00\x7f\x80\xff\n\\\x94\x8c\x05numpy\x94\x8c\x05dtype\x94\x93\x94\x8c\x02u1\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01|\x94NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t\x94bK\x02K\x03\x86\x94\x8c\x01C\x94t\x94R\x94\x8c\x06labels\x94]\x94(K\x03Jp\x11\x01\x00e\x8c\x0bbatch_label\x94Nu."),
    ("Python 3, protocol 5, bytes", b"\x80\x05\x95\xaa\x00\x00\x00\x00\x00\x00\x00}\x94(C\x04data\x94\x8c\x13numpy._core.numeric\x94\x8c\x0b_frombuffer\x94\x93\x94(\x96\x06\x00\x00\x00\x00\x00\x00\x00\x00\x7f\x80\xff\n\\\x94\x8c\x05numpy\x94\x8c\x05dtype\x94\x93\x94\x8c\x02u1\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01|\x94NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t\x94bK\x02K\x03\x86\x94\x8c\x01C\x94t\x94R\x94C\x06labels\x94]\x94(K\x03Jp\x11\x01\x00eC\x0bbatch_label\x94Nu."),
    ("Python 2, protocol 0", b"(dp0\nS'data'\np1\ncnumpy.core.multiarray\n_reconstruct\np2\n(cnumpy\nndarray\np3\n(I0\ntp4\nS'b'\np5\ntp6\nRp7\n(I1\n(I2\nI3\ntp8\ncnumpy\ndtype\np9\n(S'u1'\np10\nI0\nI1\ntp11\nRp12\n(I3\nS'|'\np13\nNNNI-1\nI-1\nI0\ntp14\nbI00\nS'\\x00\\x7f\\x80\\xff\\n\\\\'\np15\ntp16\nbsS'labels'\np17\n(lp18\nI3\naI70000\nasS'batch_label'\np19\nNs."),
    ("Python 2, protocol 2", b"\x80\x02}q\x01(U\x04dataq\x02cnumpy.core.multiarray\n_reconstruct\nq\x03cnumpy\nndarray\nq\x04K\x00\x85U\x01b\x87Rq\x05(K\x01K\x02K\x03\x86cnumpy\ndtype\nq\x06U\x02u1K\x00K\x01\x87Rq\x07(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x06\x00\x7f\x80\xff\n\\tbU\x06labelsq\x08]q\x09(K\x03Jp\x11\x01\x00eU\x0bbatch_labelq\nNu."),
];

fn parse(bytes: &[u8]) -> Result<PickledData, FileError> {
    PickledData::parse(bytes, &Limits::default())
}

/// Limits that a few kilobytes reach.
fn few_values() -> Limits {
    Limits {
        max_pickle_values: 1000,
        ..Limits::default()
    }
}

#[test]
fn what_every_python_writes_is_read_alike() {
    for &(what, bytes) in WRITTEN {
        let data = parse(bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
        let root = data.root();
        let labels = root.get("labels").unwrap().unwrap();
        assert_eq!(labels.whole_numbers().unwrap(), [3, 70000], "{what}");
        let array = root.get("data").unwrap().unwrap().array().unwrap();
        assert_eq!(array.shape, [2, 3], "{what}");
        assert_eq!(*array.bytes, [0, 127, 128, 255, 10, 92], "{what}");
        assert_eq!(
            (array.element, array.is_column_major),
            (ElementType::U8, false)
        );
        assert!(root.get("batch_label").unwrap().is_some(), "{what}");
        assert!(root.get("fine_labels").unwrap().is_none(), "{what}");
    }
}

#[test]
fn every_prefix_is_an_error_and_what_follows_is_too() {
    for &(what, bytes) in WRITTEN {
        for length in 0..bytes.len() {
            assert!(parse(&bytes[..length]).is_err(), "{what}: {length} bytes");
        }
        let error = parse(&[bytes, b"ab"].concat()).unwrap_err().to_string();
        assert!(error.contains("2 bytes follow the end"), "{what}: {error}");
    }
}

#[test]
fn other_values_are_named() {
    let data = parse(b"\x80\x02}q\x00(U\x01a](K\x01U\x01beU\x01cK\x05u.").unwrap();
    let at = |key| data.root().get(key).unwrap().unwrap();
    let error = |error: FileError| error.to_string();
    assert_eq!(
        error(at("a").whole_numbers().unwrap_err()),
        "expected a whole number in the list, got a text"
    );
    assert_eq!(
        error(at("c").whole_numbers().unwrap_err()),
        "expected a list of whole numbers, got a number"
    );
    assert_eq!(
        error(at("a").array().unwrap_err()),
        "expected a NumPy array, got a list of 2"
    );
    assert_eq!(
        error(at("c").get("x").unwrap_err()),
        "expected a dictionary, got a number"
    );
}

#[test]
fn a_key_that_is_set_again_replaces_the_former_value() {
    let data = parse(b"\x80\x02}(U\x01aK\x01U\x01a](K\x02eu.").unwrap();
    let value = data.root().get("a").unwrap().unwrap();
    assert_eq!(value.whole_numbers().unwrap(), [2]);
}

#[test]
fn values_inside_each_other_cost_no_stack() {
    // A list that holds itself, and a million lists inside each other.
    let data = parse(b"\x80\x02]q\x00h\x00a.").unwrap();
    assert!(data.root().whole_numbers().is_err());
    let count = 1 << 20;
    let deep = [vec![b']'; count], vec![b'a'; count - 1], vec![b'.']].concat();
    let data = parse(&deep).unwrap();
    assert!(data.root().get("a").is_err());
    assert_eq!(format!("{:?}", data.root()), "PickledValue(a list of 1)");
}

#[test]
fn files_that_grow_in_memory_meet_a_limit() {
    let refused = |bytes: &[u8]| match PickledData::parse(bytes, &few_values()) {
        Err(FileError::TooMany { what, .. }) => what,
        other => panic!("{other:?}"),
    };
    let repeated = |start: &[u8], step: &[u8]| [start, &step.repeat(5000), b"."].concat();
    assert!(refused(&repeated(b"", b"N")).contains("values"));
    assert!(refused(&repeated(b"", b"(")).contains("marks"));
    assert!(refused(&repeated(b"N", b"2")).contains("stack"));
    // The same value, remembered and put into the same list again and again.
    assert!(refused(&repeated(b"\x80\x04N", b"\x94")).contains("remembered"));
    assert!(refused(&repeated(b"]q\x00", b"h\x00a")).contains("items"));
    assert!(refused(&repeated(b"]q\x00", b"(h\x00h\x00e")).contains("items"));
    assert!(refused(&repeated(b"}q\x00", b"h\x00h\x00s")).contains("items"));
    let limits = Limits {
        max_pickle_bytes: 10,
        ..Limits::default()
    };
    let error = PickledData::parse(&[b'N'; 11], &limits).unwrap_err();
    assert!(matches!(error, FileError::TooLarge { .. }), "{error}");
}

#[test]
fn what_would_run_code_is_refused() {
    for bytes in [
        &b"cos\nsystem\n(S'true'\ntR."[..],
        b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93\x8c\x011\x85R.",
    ] {
        let error = parse(bytes).unwrap_err();
        assert!(matches!(error, FileError::Dangerous(_)), "{error}");
    }
}
