//! The setting `dataset.zca` of a configuration.

use ddrank_data::{ZcaSettingError, ZcaVariant};

fn read(toml: &str) -> Result<Option<ZcaVariant>, ZcaSettingError> {
    let table: toml::Table = format!("zca = {toml}").parse().unwrap();
    ZcaVariant::read(table["zca"].clone())
}

#[test]
fn every_form_is_read() {
    for (toml, variant) in [
        ("false", None),
        ("\"kornia\"", Some(ZcaVariant::KORNIA)),
        ("\"relative\"", Some(ZcaVariant::RELATIVE)),
        ("{ variant = \"kornia\" }", Some(ZcaVariant::KORNIA)),
        (
            "{ variant = \"kornia\", eps = 1 }",
            Some(ZcaVariant::Kornia { eps: 1.0 }),
        ),
        (
            "{ variant = \"relative\", strength = 0.25 }",
            Some(ZcaVariant::Relative { strength: 0.25 }),
        ),
    ] {
        assert_eq!(read(toml).unwrap(), variant, "{toml}");
    }
}

#[test]
fn what_is_wrong_is_named_with_what_is_allowed() {
    const ALLOWED: &str = "expected false, \"kornia\", \"relative\", { variant = \"kornia\", eps = 0.1 } or { variant = \"relative\", strength = 0.1 }";
    for toml in [
        "true",
        "1",
        "\"zca\"",
        "[1]",
        "{ eps = 0.1 }",
        "{ variant = 1 }",
        "{ variant = \"zca\" }",
        "{ variant = \"kornia\", eps = \"0.1\" }",
        "{ variant = \"kornia\", eps = [0.1] }",
    ] {
        let error = read(toml).unwrap_err();
        assert_eq!((error.to_string().as_str(), error.key()), (ALLOWED, None));
    }
    let error = read("{ variant = \"relative\", eps = 0.1 }").unwrap_err();
    let expected = format!("`eps` is not an option of the `relative` variant; {ALLOWED}");
    assert_eq!((error.to_string(), error.key()), (expected, None));
    for (value, shown) in [("0", "0"), ("-0.5", "-0.5"), ("inf", "inf"), ("nan", "NaN")] {
        let error = read(&format!("{{ variant = \"kornia\", eps = {value} }}")).unwrap_err();
        let expected = format!("{shown} is not a positive number");
        assert_eq!((error.to_string(), error.key()), (expected, Some("eps")));
    }
}

#[test]
fn keys_of_trials_keep_their_form() {
    let json = serde_json::to_string(&[ZcaVariant::KORNIA, ZcaVariant::RELATIVE]).unwrap();
    assert_eq!(
        json,
        r#"[{"kind":"kornia","eps":0.1},{"kind":"relative","strength":0.1}]"#
    );
    assert_eq!(ZcaVariant::KORNIA.to_string(), "kornia, eps 0.1");
}
