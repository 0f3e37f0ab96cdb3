//! From the keys of a DD-Ranking configuration to a template, section by section.

use super::augmentation::batch_augmentation;
use super::error::ImportError;
use super::imported::Imported;
use super::keys::Keys;
use super::labels::labels;
use super::reader::{ARS, GENERAL, HARD};
use super::training::training;
use super::transform::{Pictures, pictures};
use super::translation::Work;
use crate::Metric;
use crate::template::{
    Dataset, Labels, Model, RealArm, Synthetic, Template, cached_accuracy, full_data,
};

/// The TOML text and the notices for these keys.
pub(super) fn translate(keys: Keys<'_>, asked: Option<Metric>) -> Result<Imported, ImportError> {
    let (mut work, metric) = Work::begin(keys, asked)?;
    let mut template = work.template(metric)?;
    let notices = work.finish(metric);
    let source = template.name.clone();
    template.head = vec![format!(
        "Imported from a DD-Ranking configuration ({source}). Paths that are left to give stand as comments."
    )];
    for notice in &notices {
        template.head.push(format!("- {notice}."));
    }
    Ok(Imported {
        toml: template.render(),
        notices,
    })
}

impl Work<'_> {
    fn template(&mut self, metric: Metric) -> Result<Template, ImportError> {
        let side = self.size()?;
        let agent = self.agent()?;
        let zca = self.zca()?;
        let Pictures {
            mut augmentation,
            transform,
            statistics,
        } = pictures(self, zca)?;
        let batch = batch_augmentation(self)?;
        let labels = labels(self, &agent)?;
        if !matches!(&labels, Labels::Soft { mode, .. } if mode.name() == "multiple")
            && batch
                .as_ref()
                .is_some_and(|batch| matches!(batch.name, "cutmix" | "mixup"))
        {
            self.say("`data_aug_func`: DD-Ranking leaves the labels of mixed images as they were, ddrank mixes them too; labels.mix = false does as DD-Ranking");
        }
        augmentation.extend(batch);
        let natural = [self.dataset.side(); 2];
        let size = (side != natural || !transform.is_empty() || !self.dataset.has_fixed_size())
            .then_some(side);
        if side != natural && self.dataset.has_fixed_size() && transform.is_empty() {
            self.say("`im_size`: images are resized to it; DD-Ranking changes the network's input alone, which then does not fit");
        }
        let synthetic = Synthetic {
            learning_rate: None,
            ipc: self.ipc()?,
        };
        let rounds = self.count_or("num_eval", 5)?;
        let training = training(self)?;
        let mut notes = Vec::new();
        let real = self.real_arm(&agent, &mut notes)?;
        Ok(Template {
            head: Vec::new(),
            name: self.name(),
            metric,
            rounds,
            dataset: Dataset {
                reference: self.dataset,
                root: self.keys.text("real_data_path")?.map(str::to_owned),
                size,
                transform,
                statistics,
                zca,
            },
            synthetic,
            agent,
            training,
            real,
            augmentation,
            labels,
            notes,
        })
    }

    fn agent(&mut self) -> Result<Model, ImportError> {
        let key = match self.reader {
            HARD => "use_torchvision",
            _ => "stu_use_torchvision",
        };
        let source = self.source(key)?;
        let Some(name) = self.keys.text("model_name")? else {
            let message = "the key `model_name`, the agent model, is missing";
            return Err(ImportError::content(self.keys.path, None, message));
        };
        if let Some(node) = self.keys.get("model_name") {
            self.check_model("model_name", node, name)?;
        }
        Ok(Model {
            name: name.to_owned(),
            source,
        })
    }

    fn real_arm(
        &mut self,
        agent: &Model,
        notes: &mut Vec<(&'static str, String)>,
    ) -> Result<RealArm, ImportError> {
        let asked = self.keys.flag("eval_full_data")?;
        if self.reader == ARS || self.reader == GENERAL {
            return Ok(RealArm::None);
        }
        if asked != Some(true) {
            if let Some(accuracy) = cached_accuracy(self.dataset, agent) {
                notes.push(("real_accuracy", "DD-Ranking's own figure.".to_owned()));
                return Ok(RealArm::Given(accuracy));
            }
            self.say(format!(
                "`eval_full_data` is not set, but no accuracy on all real data is known for {} and {}: it is trained; real_accuracy spares that",
                self.dataset.reference_name(),
                agent.name
            ));
        }
        if self.keys.has("real_batch_size") {
            self.say("`real_batch_size` is left out: the full-data training has its own batch size, which DD-Ranking's table has but does not use; real_training.batch_size sets another");
        }
        let (real, note) = full_data(self.dataset, agent);
        notes.extend(note.map(|note| ("real_training", note)));
        Ok(real)
    }
}
