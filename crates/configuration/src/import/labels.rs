//! Soft labels, their criterion and their teachers.

use super::document::{Entry, Value};
use super::error::ImportError;
use super::keys::number;
use super::reader::{GENERAL, SOFT};
use super::translation::Work;
use crate::template::{Labels, Model, Named, SoftMode, Teacher};
use ddrank_keys::nearest;

/// What the synthetic and random arms learn from.
pub(super) fn labels(work: &mut Work<'_>, agent: &Model) -> Result<Labels, ImportError> {
    // Read even where they are not used: a wrong type is an error either way.
    let mode = mode(work)?;
    let criterion = criterion(work)?;
    let teachers = teachers(work, agent)?;
    let augmented = work.keys.flag("use_aug_for_hard")?;
    if !work.soft {
        return Ok(Labels::Hard);
    }
    let mode = match mode {
        Some(mode) => mode,
        None => {
            let mode = if work.reader == GENERAL {
                SoftMode::Multiple
            } else {
                SoftMode::Single
            };
            let letter = if mode == SoftMode::Single { "S" } else { "M" };
            work.defaulted("soft_label_mode", letter);
            mode
        }
    };
    let criterion = match criterion {
        Some(criterion) => criterion,
        None => default_criterion(work),
    };
    let teachers = match teachers {
        // Only the distilled set is scored, and its labels are stored.
        given if work.reader == GENERAL && mode == SoftMode::Single => {
            if given.is_some() {
                work.say("`teacher_model_names` is left out: plain accuracy with stored labels needs no teacher");
            }
            Vec::new()
        }
        Some(teachers) => teachers,
        None => {
            work.defaulted("teacher_model_names", format!("[{}]", agent.name));
            vec![teacher(work, &agent.name)?]
        }
    };
    Ok(Labels::Soft {
        mode,
        criterion,
        hard_augmentation: (work.reader == SOFT).then_some(augmented.unwrap_or(false)),
        teachers,
    })
}

fn mode(work: &Work<'_>) -> Result<Option<SoftMode>, ImportError> {
    let choices = [("S", SoftMode::Single), ("M", SoftMode::Multiple)];
    work.keys.choice("soft_label_mode", &choices)
}

fn default_criterion(work: &mut Work<'_>) -> Named {
    let (name, temperature) = if work.reader == GENERAL {
        ("sce", 1.0)
    } else {
        ("kl", 1.2)
    };
    work.defaulted("soft_label_criterion", name);
    Named::new(name)
        .with("temperature", temperature)
        .with("scale_loss", false)
}

/// The criterion and its options; none where neither is given.
fn criterion(work: &mut Work<'_>) -> Result<Option<Named>, ImportError> {
    let choices = [("sce", "sce"), ("kl", "kl"), ("mse_gt", "mse-gt")];
    let chosen = work.keys.choice("soft_label_criterion", &choices)?;
    let options = match work.keys.get("loss_fn_kwargs") {
        None => None,
        Some(node) => match &node.value {
            Value::Table(entries) => Some(entries.as_slice()),
            other => {
                let message = format!("expected a mapping of options, found {other}");
                return Err(work.keys.refuse("loss_fn_kwargs", node, &message));
            }
        },
    };
    let name = match (chosen, options) {
        (Some(name), _) => name,
        (None, Some(_)) => {
            let name = if work.reader == GENERAL { "sce" } else { "kl" };
            if work.soft {
                work.defaulted("soft_label_criterion", name);
            }
            name
        }
        (None, None) => return Ok(None),
    };
    if options.is_none() && work.soft {
        work.defaulted("loss_fn_kwargs", "those of the criterion");
    }
    let options = options.unwrap_or_default();
    let mut criterion = Named::new(name);
    let known: &[(&'static str, f64)] = if name == "mse-gt" {
        &[("mse_weight", 1.0), ("ce_weight", 0.0)]
    } else {
        &[("temperature", 1.2)]
    };
    for entry in options {
        let names = known.iter().map(|(name, _)| *name);
        let scale = (name != "mse-gt").then_some("scale_loss");
        if !names.clone().chain(scale).any(|name| name == entry.key) {
            return Err(unknown_option(work, entry, names.chain(scale).collect()));
        }
    }
    let option = |key: &str| options.iter().find(|entry| entry.key == key);
    for &(key, default) in known {
        let value = match option(key) {
            None => default,
            Some(entry) => number(&entry.value.value)
                .filter(|value| *value > 0.0 || (*value == 0.0 && key != "temperature"))
                .ok_or_else(|| wrong_option(work, entry, "a number above 0"))?,
        };
        criterion = criterion.with(key, value);
    }
    if name != "mse-gt" {
        let scaled = match option("scale_loss") {
            None => false,
            Some(entry) => match entry.value.value {
                Value::Flag(flag) => flag,
                _ => return Err(wrong_option(work, entry, "true or false")),
            },
        };
        criterion = criterion.with("scale_loss", scaled);
    }
    Ok(Some(criterion))
}

fn wrong_option(work: &Work<'_>, entry: &Entry, expected: &str) -> ImportError {
    let message = format!(
        "`{}`: expected {expected}, found {}",
        entry.key, entry.value.value
    );
    work.keys.refuse("loss_fn_kwargs", &entry.value, &message)
}

fn unknown_option(work: &Work<'_>, entry: &Entry, known: Vec<&str>) -> ImportError {
    let hint = nearest(&entry.key, known.iter().copied())
        .map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
    let message = format!(
        "`{}` is no option of this criterion, which has {}{hint}",
        entry.key,
        known.join(", ")
    );
    work.keys.refuse("loss_fn_kwargs", &entry.value, &message)
}

fn teachers(work: &Work<'_>, agent: &Model) -> Result<Option<Vec<Teacher>>, ImportError> {
    const KEY: &str = "teacher_model_names";
    let Some(node) = work.keys.get(KEY) else {
        // The types of the keys beside it are checked all the same.
        teacher(work, &agent.name)?;
        return Ok(None);
    };
    let items = match &node.value {
        Value::List(items) if !items.is_empty() => items.as_slice(),
        Value::Text(_) => std::slice::from_ref(node),
        other => {
            let message = format!("expected a list of model names, found {other}");
            return Err(work.keys.refuse(KEY, node, &message));
        }
    };
    let mut teachers = Vec::new();
    for item in items {
        let Value::Text(name) = &item.value else {
            let message = format!("expected the name of a model, found {}", item.value);
            return Err(work.keys.refuse(KEY, item, &message));
        };
        if work.soft {
            work.check_model(KEY, item, name)?;
        }
        teachers.push(teacher(work, name)?);
    }
    Ok(Some(teachers))
}

/// A teacher, with its checkpoint where DD-Ranking looks for it.
fn teacher(work: &Work<'_>, name: &str) -> Result<Teacher, ImportError> {
    let folder = work.keys.text("teacher_dir")?;
    let dataset = work.dataset.reference_name();
    Ok(Teacher {
        model: Model {
            name: name.to_owned(),
            source: work.source("tea_use_torchvision")?,
        },
        weights: folder.map(|folder| {
            let folder = folder.trim_end_matches('/');
            format!("{folder}/{dataset}/{name}/ckpt_best.pt")
        }),
    })
}
