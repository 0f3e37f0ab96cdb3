//! `ddrank keys`.

use clap::Args;
use ddrank_configuration::documentation::{SectionDoc, choices, sections};
use ddrank_keys::{Choice, KeyDoc, nearest};

use super::failure::Failure;
use super::output::{WIDTH, print, wrapped};

/// Arguments of `ddrank keys`.
#[derive(Debug, Args)]
pub struct KeysArguments {
    /// A section such as `training`, or a key such as `training.schedule` [default: all keys, a line each]
    path: Option<String>,
}

impl KeysArguments {
    pub(super) fn run(&self) -> Result<(), Failure> {
        match self.path.as_deref() {
            None => print(&overview()),
            Some(path) => print(&part(path).map_err(Failure::Request)?),
        }
    }
}

/// All keys by section, a line each.
fn overview() -> String {
    let mut text = String::new();
    for section in sections() {
        text.push_str(&heading(&section));
        for key in &section.keys {
            let line = format!("  {:<20} {}", key.name, bare(&key.default));
            text.push_str(&shortened(&line));
        }
        text.push('\n');
    }
    text.push_str("`ddrank keys SECTION` and `ddrank keys SECTION.KEY` say what they mean.\n");
    text
}

fn heading(section: &SectionDoc) -> String {
    match section.path {
        "" => format!("{}\n", section.title),
        path => format!("[{path}]: {}\n", section.title),
    }
}

/// A section or a key with what can stand there.
fn part(path: &str) -> anyhow::Result<String> {
    let sections = sections();
    if let Some(section) = sections
        .iter()
        .find(|section| section.path == path && !path.is_empty())
    {
        let keys: Vec<String> = section
            .keys
            .iter()
            .map(|key| described(path, key))
            .collect();
        return Ok(format!("{}\n{}", heading(section), keys.join("\n")));
    }
    let (section, name) = path.rsplit_once('.').unwrap_or(("", path));
    let found = sections
        .iter()
        .filter(|known| known.path == section)
        .find_map(|known| known.keys.iter().find(|key| key.name == name));
    let Some(key) = found else {
        let known: Vec<String> = sections
            .iter()
            .flat_map(|section| {
                let of = |key: &KeyDoc| full(section.path, key.name);
                let keys = section.keys.iter().map(of);
                std::iter::once(section.path.to_owned()).chain(keys)
            })
            .collect();
        let meant = match nearest(path, known.iter().map(String::as_str)) {
            Some(word) => format!("; did you mean `{word}`?"),
            None => "; `ddrank keys` lists them".to_owned(),
        };
        anyhow::bail!("`{path}` is not a key of a configuration{meant}");
    };
    let mut text = described(section, key);
    // The same things can stand in both training sections.
    let of = path.replace("real_training.", "training.");
    for (_, what, choices) in choices().iter().filter(|(at, ..)| *at == of) {
        text.push_str(&format!("\neach {what}:\n"));
        for choice in choices {
            text.push_str(&chosen(choice));
        }
    }
    Ok(text)
}

fn full(section: &str, key: &str) -> String {
    match section {
        "" => key.to_owned(),
        section => format!("{section}.{key}"),
    }
}

fn described(section: &str, key: &KeyDoc) -> String {
    format!(
        "{}\n{}{}{}",
        full(section, key.name),
        wrapped(&format!("values: {}", key.values), 2),
        wrapped(&format!("default: {}", bare(&key.default)), 2),
        wrapped(key.meaning, 2)
    )
}

fn chosen(choice: &Choice) -> String {
    let mut text = format!("\n  {}\n{}", choice.name, wrapped(choice.meaning, 4));
    for key in choice.docs() {
        let default = match bare(&key.default) {
            "needed" => "needed".to_owned(),
            default => format!("default {default}"),
        };
        let line = format!("{} ({default}): {}, {}", key.name, key.values, key.meaning);
        text.push_str(&wrapped(&line, 4));
    }
    text
}

/// A default without the marks of code where it is nothing but code.
fn bare(default: &str) -> &str {
    let inner = default
        .strip_prefix('`')
        .and_then(|rest| rest.strip_suffix('`'));
    inner
        .filter(|inner| !inner.contains('`'))
        .unwrap_or(default)
}

/// One line, cut where it is too long for a terminal.
fn shortened(line: &str) -> String {
    if line.chars().count() <= WIDTH {
        return format!("{line}\n");
    }
    let cut: String = line.chars().take(WIDTH - 2).collect();
    format!("{} …\n", cut.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_and_key_can_be_asked_for() {
        for section in sections() {
            for key in &section.keys {
                let path = full(section.path, key.name);
                let text = part(&path).unwrap();
                assert!(text.contains(key.name), "{path}: {text}");
                assert!(
                    text.lines()
                        .all(|line| line.chars().count() <= WIDTH || !line.contains(' '))
                );
            }
        }
        let text = part("training.schedule").unwrap();
        assert!(
            text.contains("cosine-annealing") && text.contains("step_size"),
            "{text}"
        );
        assert!(
            part("real_training.schedule")
                .unwrap()
                .contains("cosine-annealing")
        );
        let error = part("training.epoch").unwrap_err().to_string();
        assert!(error.contains("did you mean `training.epochs`?"), "{error}");
    }
}
