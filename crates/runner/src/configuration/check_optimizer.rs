//! Checks of the optimizer table.

use super::check::{Check, Checked};
use super::table::OptimizerTable;
use crate::recipe::Optimizer;

/// The smallest `eps` that single floats can carry through a step.
const SMALLEST_EPS: f64 = 1e-30;

impl Check {
    /// The optimizer that the table at `key` describes.
    pub(super) fn optimizer(&self, key: &str, table: OptimizerTable) -> Checked<Optimizer> {
        let allowed: &[&str] = match table.name.as_str() {
            "sgd" => &["momentum", "weight_decay"],
            "adam" | "adamw" => &["betas", "eps", "weight_decay"],
            other => {
                let message =
                    format!("`{other}` is not an optimizer; allowed: \"sgd\", \"adam\", \"adamw\"");
                return Err(self.0.error(&format!("{key}.name"), message));
            }
        };
        let given = [
            ("momentum", table.momentum.is_some()),
            ("betas", table.betas.is_some()),
            ("eps", table.eps.is_some()),
        ];
        for (option, _) in given.iter().filter(|(_, is_given)| *is_given) {
            if !allowed.contains(option) {
                let message = format!(
                    "`{option}` is not an option of `{}`; allowed: `{}`",
                    table.name,
                    allowed.join("`, `")
                );
                return Err(self.0.error(&format!("{key}.{option}"), message));
            }
        }
        let decay = |default| self.weight_decay(key, table.weight_decay.unwrap_or(default));
        Ok(match table.name.as_str() {
            "adam" => Optimizer::Adam {
                betas: self.betas(key, table.betas)?,
                eps: self.eps(key, table.eps)?,
                weight_decay: decay(0.0)?,
            },
            "adamw" => Optimizer::AdamW {
                betas: self.betas(key, table.betas)?,
                eps: self.eps(key, table.eps)?,
                weight_decay: decay(0.01)?,
            },
            _ => Optimizer::Sgd {
                momentum: self.momentum(key, table.momentum)?,
                weight_decay: decay(5e-4)?,
            },
        })
    }

    fn momentum(&self, key: &str, momentum: Option<f64>) -> Checked<f64> {
        let momentum = momentum.unwrap_or(0.9);
        if (0.0..1.0).contains(&momentum) {
            return Ok(momentum);
        }
        Err(self.0.error(
            &format!("{key}.momentum"),
            format!("{momentum} is not allowed; expected 0 up to below 1"),
        ))
    }

    fn betas(&self, key: &str, betas: Option<[f64; 2]>) -> Checked<[f64; 2]> {
        let betas = betas.unwrap_or([0.9, 0.999]);
        // Steps are made in single floats, where a beta that rounds to 1 would divide 0 by 0.
        let is_allowed = |beta: f64| beta >= 0.0 && (beta as f32) < 1.0;
        match betas.into_iter().find(|&beta| !is_allowed(beta)) {
            None => Ok(betas),
            Some(beta) => Err(self.0.error(
                &format!("{key}.betas"),
                format!("{beta} is not allowed; expected two numbers of 0 up to below 1"),
            )),
        }
    }

    fn eps(&self, key: &str, eps: Option<f64>) -> Checked<f64> {
        let eps = eps.unwrap_or(1e-8);
        if (SMALLEST_EPS..=1.0).contains(&eps) {
            return Ok(eps);
        }
        Err(self.0.error(
            &format!("{key}.eps"),
            format!("{eps:e} is not allowed; expected {SMALLEST_EPS:e} to 1"),
        ))
    }

    fn weight_decay(&self, key: &str, weight_decay: f64) -> Checked<f64> {
        if weight_decay.is_finite() && weight_decay >= 0.0 {
            return Ok(weight_decay);
        }
        let message = format!("{weight_decay} is not allowed; expected 0 or a positive number");
        Err(self.0.error(&format!("{key}.weight_decay"), message))
    }
}
