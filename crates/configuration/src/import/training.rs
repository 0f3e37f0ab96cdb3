//! Optimizer, schedule, epochs and batch.

use super::document::Value;
use super::error::ImportError;
use super::keys::number;
use super::reader::{ARS, GENERAL, HARD};
use super::translation::Work;
use crate::template::{LEARNING_RATE_GRID, Named, Training};

/// The training of the synthetic and random arms.
pub(super) fn training(work: &mut Work<'_>) -> Result<Training, ImportError> {
    let epochs = work.count_or("num_epochs", 300)?;
    Ok(Training {
        epochs,
        batch_size: batch_size(work)?,
        optimizer: optimizer(work)?,
        schedule: schedule(work, epochs)?,
        learning_rates: LEARNING_RATE_GRID.to_vec(),
        test_interval: Some(if work.reader == HARD { 10 } else { 20 }),
    })
}

fn batch_size(work: &mut Work<'_>) -> Result<i64, ImportError> {
    let key = match work.reader {
        ARS => "batch_size",
        GENERAL if !work.keys.has("syn_batch_size") && work.keys.has("batch_size") => "batch_size",
        _ => "syn_batch_size",
    };
    work.count_or(key, 256)
}

fn optimizer(work: &mut Work<'_>) -> Result<Named, ImportError> {
    let choices = [("sgd", "sgd"), ("adam", "adam"), ("adamw", "adamw")];
    let name = match work.keys.choice("optimizer", &choices)? {
        Some(name) => name,
        None => {
            let name = if work.reader == GENERAL {
                "adamw"
            } else {
                "sgd"
            };
            work.defaulted("optimizer", name);
            name
        }
    };
    let weight_decay = match work.keys.number("weight_decay")? {
        Some(value) => value,
        None => {
            let value = if name == "adamw" { 0.01 } else { 5e-4 };
            work.defaulted("weight_decay", value);
            value
        }
    };
    let optimizer = Named::new(name);
    if name != "sgd" {
        momentum(work)?;
        return Ok(optimizer.with("weight_decay", weight_decay));
    }
    let momentum = match momentum(work)? {
        Some(value) => value,
        None => {
            work.defaulted("momentum", 0.9);
            0.9
        }
    };
    Ok(optimizer
        .with("momentum", momentum)
        .with("weight_decay", weight_decay))
}

/// The momentum, which only SGD uses.
fn momentum(work: &mut Work<'_>) -> Result<Option<f64>, ImportError> {
    let Some(node) = work.keys.get("momentum") else {
        return Ok(None);
    };
    if let Value::List(items) = &node.value
        && items.len() == 2
        && items.iter().all(|item| number(&item.value).is_some())
    {
        work.say("`momentum`: a list is read by no optimizer of DD-Ranking; betas can be set in training.optimizer");
        return Ok(None);
    }
    let momentum = number(&node.value).filter(|value| (0.0..1.0).contains(value));
    if momentum.is_none() {
        let message = format!("expected a number from 0 to below 1, found {}", node.value);
        return Err(work.keys.refuse("momentum", node, &message));
    }
    Ok(momentum)
}

fn schedule(work: &mut Work<'_>, epochs: i64) -> Result<Named, ImportError> {
    let choices = [
        ("step", "step"),
        ("cosine", "cosine"),
        ("cosineannealing", "cosine-annealing"),
    ];
    let name = match work.keys.choice("lr_scheduler", &choices)? {
        Some(name) => name,
        None => {
            let name = if work.reader == GENERAL {
                "cosine"
            } else {
                "step"
            };
            work.defaulted("lr_scheduler", name);
            name
        }
    };
    let step_size = work.keys.count("step_size")?;
    if name != "step" {
        return Ok(Named::new(name));
    }
    let step_size = match step_size {
        Some(size) => size,
        None => {
            let half = (epochs / 2).max(1);
            work.defaulted("step_size", half);
            half
        }
    };
    Ok(Named::new("step")
        .with("step_size", step_size)
        .with("gamma", 0.1))
}
