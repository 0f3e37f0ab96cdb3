//! Facts as the YAML that DD-Ranking reads.

use super::{Facts, Operation};

impl Facts {
    /// A configuration with every key that the evaluator reads, and those that published ones carry along.
    pub fn yaml(&self) -> String {
        let mut text = String::new();
        let mut line = |key: &str, value: String| text.push_str(&format!("{key}: {value}\n"));
        line("dataset", self.dataset.clone());
        line("ipc", self.ipc.to_string());
        let side = match self.dataset.as_str() {
            "TinyImageNet" => 64,
            "ImageNet1K" => 224,
            _ => 32,
        };
        line("im_size", format!("[{side}, {side}]"));
        line("model_name", self.model.clone());
        let hard = self.metric == "lrs_hard";
        let torchvision = |source: &str| (source == "torchvision").to_string();
        if hard {
            line("use_torchvision", torchvision(&self.source));
        } else {
            line("stu_use_torchvision", torchvision(&self.source));
            line("tea_use_torchvision", torchvision(&self.teacher_source));
            // One published file has none.
            let teachers = match self.teachers.as_slice() {
                [] => "null".to_owned(),
                names => format!("[{}]", names.join(", ")),
            };
            line("teacher_model_names", teachers);
            line(
                "soft_label_mode",
                self.label_mode.clone().unwrap_or_default(),
            );
            if let Some(criterion) = &self.criterion {
                line("soft_label_criterion", criterion.name.clone());
                line("loss_fn_kwargs", mapping(criterion));
            }
        }
        match &self.batch_augmentation {
            Some(augmentation) => {
                line("data_aug_func", augmentation.name.clone());
                line("aug_params", mapping(augmentation));
            }
            None => line("data_aug_func", "null".to_owned()),
        }
        line("use_zca", self.zca.to_string());
        line("custom_train_trans", self.transforms(&self.train));
        line("custom_val_trans", self.transforms(&self.validation));
        line("optimizer", self.optimizer.clone());
        line("lr_scheduler", self.schedule.clone());
        if let Some(size) = self.step_size {
            line("step_size", size.to_string());
        }
        if !self.weight_decay.is_nan() {
            line("weight_decay", self.weight_decay.to_string());
        }
        // Published files give it to AdamW too, where it has no effect.
        line("momentum", self.momentum.unwrap_or(0.9).to_string());
        line("num_eval", "5".to_owned());
        line("num_epochs", self.epochs.to_string());
        line("num_workers", "4".to_owned());
        if self.metric == "ars" {
            line("label_type", "soft".to_owned());
            line("batch_size", self.batch_size.to_string());
        } else {
            line("syn_batch_size", self.batch_size.to_string());
            line("real_batch_size", "256".to_owned());
            line(
                "eval_full_data",
                self.trains_real.unwrap_or(false).to_string(),
            );
        }
        if let Some(augmented) = self.augmented_hard_arms {
            line("use_aug_for_hard", augmented.to_string());
        }
        line("random_data_format", "tensor".to_owned());
        line("device", "cuda".to_owned());
        line("dist", "true".to_owned());
        text
    }

    /// A list of transforms; geometry comes first, on the picture, then the tensor, then noise.
    fn transforms(&self, operations: &[Operation]) -> String {
        if operations.is_empty() {
            return "null".to_owned();
        }
        let step = |name: &str, args: String| format!("\n  - {{name: {name}, args: {args}}}");
        let (after, before): (Vec<_>, Vec<_>) = operations
            .iter()
            .partition(|operation| operation.name == "GaussianNoise");
        let mut text = String::new();
        for operation in before {
            text.push_str(&step(&operation.name, mapping(operation)));
        }
        text.push_str(&step("ToTensor", "null".to_owned()));
        let (mean, std) = match self.statistics.as_deref() {
            Some("cifar10") => ("[0.4914, 0.4822, 0.4465]", "[0.2023, 0.1994, 0.2010]"),
            _ => ("[0.485, 0.456, 0.406]", "[0.229, 0.224, 0.225]"),
        };
        text.push_str(&step("Normalize", format!("{{mean: {mean}, std: {std}}}")));
        for operation in after {
            text.push_str(&step(&operation.name, mapping(operation)));
        }
        text
    }
}

/// The options as a YAML mapping.
fn mapping(operation: &Operation) -> String {
    let mut parts = Vec::new();
    for (key, value) in &operation.options {
        match key.split_once('.') {
            Some((key, "0")) => {
                let second = operation.option(&format!("{key}.1")).unwrap();
                parts.push(format!("{key}: [{value}, {second}]"));
            }
            Some(_) => {}
            None if ["scale_loss", "clip"].contains(&key.as_str()) => {
                parts.push(format!("{key}: {}", *value == 1.0));
            }
            None => parts.push(format!("{key}: {value}")),
        }
    }
    format!("{{{}}}", parts.join(", "))
}
