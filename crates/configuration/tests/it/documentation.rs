//! What is documented is what is read.

use std::path::Path;

use ddrank_configuration::documentation::{sections, tables, teaching, with_tables};
use ddrank_configuration::{Configuration, TeachingConfiguration};

/// The smallest file with every section.
const ALL: &str = r#"
name = "x"
[dataset]
name = "demo"
[synthetic]
images = "syn.pt"
labels = "labels.pt"
ipc = 10
[agent]
model = "ConvNet-3"
[training]
epochs = 10
[real_training]
epochs = 10
[labels]
mode = "multiple"
[[labels.teachers]]
model = "ConvNet-3"
weights = "teacher.pt"
[[compare]]
name = "other"
images = "other.pt"
labels = "other-labels.pt"
"#;

fn error(text: &str, set: &str) -> String {
    let overrides = [set.parse().unwrap()];
    let read = Configuration::parse(Path::new("x.toml"), text, &overrides);
    read.unwrap_err().to_string()
}

/// The names in backquotes of a refusal of an unknown key.
fn known(message: &str) -> Vec<String> {
    let list = message.split("expected one of ").nth(1).unwrap();
    let list = list.split(['\n', ';', '(']).next().unwrap();
    let names = list.split(", ").map(|name| name.trim().trim_matches('`'));
    names.map(str::to_owned).collect()
}

#[test]
fn the_tables_of_the_readme_are_those_of_the_definitions() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/README.md");
    let text = std::fs::read_to_string(file).unwrap();
    let written = with_tables(&text).unwrap();
    assert!(
        text == written,
        "configs/README.md is not up to date: cargo run -p ddrank-configuration --example write_tables"
    );
}

#[test]
fn a_section_reads_exactly_the_keys_that_it_documents() {
    Configuration::parse(Path::new("x.toml"), ALL, &[]).unwrap();
    for section in sections() {
        let prefix = match section.path {
            "" => String::new(),
            "compare" => "compare.0.".to_owned(),
            "labels.teachers" => "labels.teachers.0.".to_owned(),
            path => format!("{path}."),
        };
        let message = error(ALL, &format!("{prefix}no_such_key=1"));
        let mut known = known(&message);
        let mut documented: Vec<&str> = section.keys.iter().map(|key| key.name).collect();
        // Those that a section refuses with a sentence of its own are not listed as possible, or are asked for first.
        known.sort();
        documented.sort_unstable();
        assert_eq!(known, documented, "{}: {message}", section.path);
    }
}

/// Every default that is a value can be written into the file, and changes nothing.
#[test]
fn documented_defaults_are_the_defaults() {
    let plain = Configuration::parse(Path::new("x.toml"), ALL, &[]).unwrap();
    let described = |configuration: &Configuration| {
        let Configuration { notices, text, .. } = configuration;
        let whole = format!("{configuration:?}");
        whole
            .replace(&format!("text: {text:?}"), "")
            .replace(&format!("notices: {notices:?}"), "")
    };
    let mut tried = 0;
    for section in sections() {
        for key in section.keys {
            let inner = key.default.strip_prefix('`');
            let inner = inner.and_then(|inner| inner.strip_suffix('`'));
            let is_value = inner.is_some_and(|inner| !inner.contains('`'));
            // Sections with a preset say what they have without the key; here it is refused.
            if !is_value || ["real_training", "labels.teachers", "compare"].contains(&section.path)
            {
                continue;
            }
            let path = [section.path, key.name].join(".");
            let path = path.trim_start_matches('.');
            if ["training.epochs", "labels.mode", "labels.mix"].contains(&path) {
                continue;
            }
            let value = key.default.trim_matches('`');
            let set = format!("{path}={value}").parse().unwrap();
            let written = Configuration::parse(Path::new("x.toml"), ALL, &[set]);
            let written = written.unwrap_or_else(|error| panic!("{path}={value}: {error}"));
            assert_eq!(described(&written), described(&plain), "{path}={value}");
            tried += 1;
        }
    }
    assert!(tried >= 12, "{tried} defaults");
}

#[test]
fn tables_have_their_own_names_and_rows() {
    let tables = tables();
    for (index, (name, table)) in tables.iter().enumerate() {
        assert!(table.lines().count() > 2, "{name} is empty");
        assert!(tables[..index].iter().all(|(other, _)| other != name));
    }
    assert!(with_tables("<!-- table: nothing -->\n<!-- end -->\n").is_err());
    assert!(with_tables("<!-- table: keys -->\n").is_err());
}

#[test]
fn the_file_of_train_reads_what_it_documents() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.toml");
    std::fs::write(&file, "[dataset]\nname = 'demo'\nno_such = 1\n").unwrap();
    let set = "no_such_key=1".parse().unwrap();
    std::fs::write(&file, "[dataset]\nname = 'demo'\n").unwrap();
    let message = TeachingConfiguration::read(&file, &[set]).unwrap_err();
    let mut known = known(&message.to_string());
    let mut documented: Vec<&str> = teaching().keys.iter().map(|key| key.name).collect();
    known.sort();
    documented.sort_unstable();
    assert_eq!(known, documented);
}
